"""The same manager, made where it is used: its __new__ gives everybody the same one."""

from app.agents import BaseAgent
from app.websockets import WebSocketManager


class TriageSubAgent(BaseAgent):
    def __init__(self, llm_manager=None, name="triage"):
        super().__init__(llm_manager, name=name, description="Triage")

    async def execute(self, state, run_id, stream_updates):
        category = await self._categorised(state)
        await WebSocketManager().send_message(  # expect: global-dispatcher
            state.user_id, {"type": "progress_update", "payload": {"message": f"It is about {category}"}}
        )
        state.triage_result = {"category": category, "run": run_id}  # expect: deep-agent-state

    async def _categorised(self, state):
        await self.emit_thinking(f"Which is it: {state.user_request}", 1)
        words = state.user_request.lower().split()
        return "cost" if "spend" in words else "other"
