"""Several of these at once, as they are met."""

import asyncio

from app.state import DeepAgentState  # expect: deep-agent-state
from app.websockets import get_websocket_manager

PENDING_MESSAGES = []  # expect: module-state


class OptimizationsCoreSubAgent:
    _shared_context = {}  # expect: class-state

    def __init__(self, llm_manager=None, user_id=None, db_session=None):
        self.user_id = user_id  # expect: stored-user-id
        self.db_session = db_session  # expect: stored-session

    async def execute(self, state: DeepAgentState, run_id, stream_updates):  # expect: deep-agent-state
        self._shared_context[run_id] = state
        PENDING_MESSAGES.append(state.user_request)
        asyncio.create_task(self._send(run_id))  # expect: dropped-task
        state.optimizations_result = "fewer tokens"  # expect: deep-agent-state

    async def _send(self, run_id):
        await get_websocket_manager().send_to_user(run_id, {})  # expect: global-dispatcher, run-id-as-user-id
