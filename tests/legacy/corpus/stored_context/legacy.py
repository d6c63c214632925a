"""Contexts and states that agents keep from one call to the next."""


class TriageAgent:
    def __init__(self, llm_manager=None, name="triage"):
        self.context = {}  # expect: stored-context
        self.websocket_bridge = None

    async def execute(self, state, run_id, stream_updates):
        self.state = state  # expect: stored-context
        await self._classify()

    async def execute_core_logic(self, context):
        self.execution_context = context  # expect: stored-context

    async def _classify(self):
        self.context["category"] = self.state.user_request
