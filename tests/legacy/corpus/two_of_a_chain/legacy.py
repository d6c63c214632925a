"""Two agents of one chain in one file; neither reads what the other leaves."""

from app.agents import BaseAgent
from app.state import DeepAgentState  # expect: deep-agent-state
from app.tools import get_tool_dispatcher


class FirstAgent(BaseAgent):
    name = "triage"

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        await self.emit_thinking("Sorting", 1)
        state.triage_result = {"ask": state.user_request}  # expect: deep-agent-state


class SecondAgent(BaseAgent):
    name = "data"

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        await self.emit_thinking("Counting", 1)
        state.data_result = await get_tool_dispatcher().dispatch("count", month=4)  # expect: deep-agent-state, global-dispatcher
