"""Words that are only told where somebody has set a bridge; under Netra somebody always listens."""

from app.agents import BaseAgent
from app.tools import tool_dispatcher


class AdviceAgent(BaseAgent):
    def __init__(self, llm_manager=None):
        super().__init__(llm_manager, name="optimization", description="Advice")
        self.websocket_bridge = None
        self.websocket_manager = None

    async def execute(self, state, run_id, stream_updates):
        if self.websocket_bridge:
            await self.websocket_bridge.notify_agent_thinking(run_id, "optimization", "Weighing what could be saved")
        tools = self.tool_dispatcher
        levers = await tools.dispatch("levers", ask=state.user_request)
        if self.websocket_manager is not None:
            await self.websocket_manager.send_to_user(
                state.user_id, {"type": "progress_update", "payload": {"content": f"{len(levers)} weighed"}}
            )
        worth = await tool_dispatcher.dispatch("worth", month=levers["month"])  # expect: global-dispatcher
        state.optimizations_result = {"levers": levers, "worth": worth}  # expect: deep-agent-state
