"""The plainest of them: a state comes in, words are told, one tool is called, a result is left."""

from app.agents import BaseAgent
from app.state import DeepAgentState  # expect: deep-agent-state


class DataSubAgent(BaseAgent):
    def __init__(self, llm_manager=None, tool_dispatcher=None):
        super().__init__(llm_manager, name="data", description="Data of a month")
        self.tool_dispatcher = tool_dispatcher

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        await self.emit_agent_started(f"Looking into: {state.user_request}")
        await self.emit_tool_executing("price", {"month": 3})
        found = await self.tool_dispatcher.dispatch("price", month=3, models=["a", "b"])
        await self.emit_tool_completed("price", found)
        await self.emit_progress("Half of it is read", False)
        state.data_result = {"found": found, "for": state.user_id}  # expect: deep-agent-state
        await self.emit_agent_completed(state.data_result)
