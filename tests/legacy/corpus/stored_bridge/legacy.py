"""A bridge and a run that are set on the agent from outside, and notified by it."""

from app.agents import BaseAgent
from app.state import DeepAgentState  # expect: deep-agent-state


class SyntheticAgent(BaseAgent):
    def __init__(self, llm_manager=None):
        super().__init__(llm_manager, name="data", description="Synthetic data")
        self.websocket_bridge = None
        self.run_id = None

    def set_websocket_bridge(self, bridge, run_id):
        self.websocket_bridge = bridge
        self.run_id = run_id  # expect: stored-user-id

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        await self.websocket_bridge.notify_agent_started(run_id, "data")
        await self.websocket_bridge.notify_agent_thinking(self.run_id, "data", "Making rows", step_number=1)
        rows = [{"row": number, "run": self.run_id} for number in range(3)]
        await self.websocket_bridge.notify_agent_thinking(run_id, agent_name="data", reasoning=f"{len(rows)} rows")
        state.synthetic_data_result = rows  # expect: deep-agent-state
