"""A state that the agent keeps, so that its methods need not be handed it."""

from app.agents import BaseAgent


class ResearchAgent(BaseAgent):
    def __init__(self, tool_dispatcher=None):
        super().__init__(name="data", description="Research")
        self.tool_dispatcher = tool_dispatcher
        self.state = None

    async def execute(self, state, run_id, stream_updates):
        """Look twice."""
        self.state = state  # expect: stored-context
        await self._tell("first")
        near = await self._looked("near")
        await self._tell("second")
        self.state.data_result = {"near": near, "far": await self._looked("far")}  # expect: deep-agent-state

    async def _tell(self, which):
        await self.emit_thinking(f"The {which} look at {self.state.user_request}", 1)

    async def _looked(self, where):
        found = await self.tool_dispatcher.dispatch("look", where=where, ask=self.state.user_request)
        return found["where"], self.state.chat_thread_id
