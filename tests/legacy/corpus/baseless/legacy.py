"""Without any base: what it speaks and acts by was put on it from outside."""

from app.state import DeepAgentState  # expect: deep-agent-state


class Reporter:
    name = "reporting"
    title = "Report"

    def __init__(self, tool_dispatcher=None, websocket_manager=None, user_id=None):
        self.tool_dispatcher = tool_dispatcher
        self.websocket_manager = websocket_manager
        self.owner_id = user_id

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool = False) -> None:  # expect: deep-agent-state
        await self.websocket_manager.send_to_user(self.owner_id, {"type": "agent_thinking", "payload": {"thought": "Writing"}})
        pages = await self.tool_dispatcher.dispatch("write", pages=2)
        state.report_result = {"pages": pages, "owner": self.owner_id}  # expect: deep-agent-state
