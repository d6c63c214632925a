"""The manager of the process, imported."""

from app.agents import BaseAgent
from app.websockets import websocket_manager


class OptimizationsSubAgent(BaseAgent):
    name = "optimization"
    title = "Optimizations"

    async def execute(self, state, run_id, stream_updates):
        await websocket_manager.send_to_user(  # expect: global-dispatcher
            user_id=state.user_id, message={"type": "agent_thinking", "data": {"content": "Weighing levers"}}
        )
        found = await self.tool_dispatcher.dispatch("levers", deep=False)
        await websocket_manager.send_to_thread(
            state.chat_thread_id, {"type": "agent_progress", "payload": {"text": f"{len(found)} found"}}
        )
        state.optimizations_result = found  # expect: deep-agent-state
