"""Words for the user through the one manager, which knows everybody's sockets."""

import logging

from app.agents import BaseAgent
from app.state import DeepAgentState  # expect: deep-agent-state
from app.websockets import get_websocket_manager

log = logging.getLogger(__name__)


class ReportingSubAgent(BaseAgent):
    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        manager = get_websocket_manager()  # expect: global-dispatcher
        await manager.send_to_user(state.user_id, {"type": "agent_thinking", "payload": {"thought": "Reading", "step": 1}})
        log.info("reporting in %s", run_id)
        await manager.send_to_thread(state.chat_thread_id, {"type": "status_update", "data": {"message": f"of {run_id}"}})
        state.final_report = f"{state.user_request}: read"  # expect: deep-agent-state
