"""Dispatchers and managers found by name."""

from app.agents import get_agent_supervisor
from app.websockets import WebSocketManager, websocket_manager


class ActionAgent:
    async def execute(self, state, run_id, stream_updates):
        manager = WebSocketManager()  # expect: global-dispatcher
        await manager.send_to_user(state.user_id, {"type": "started"})
        await websocket_manager.send_to_thread(state.chat_thread_id, {})  # expect: global-dispatcher
        await get_agent_supervisor().run(state, run_id)  # expect: global-dispatcher
