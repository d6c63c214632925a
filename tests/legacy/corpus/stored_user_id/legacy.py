"""Whose turn it is, kept on the agent: by its maker, and again by whoever runs it."""

from app.agents import BaseAgent


class ProfileAgent(BaseAgent):
    def __init__(self, llm_manager=None, user_id=None):
        super().__init__(llm_manager, name="data", description="Profile", user_id=user_id)
        self.user_id = user_id  # expect: stored-user-id
        self.run_id = None
        self.limit = 2

    async def execute(self, state, run_id, stream_updates):
        self.user_id = state.user_id  # expect: stored-user-id
        self.run_id = run_id  # expect: stored-user-id
        await self.emit_thinking(f"For {self.user_id}", 1)
        state.data_result = await self._profile()  # expect: deep-agent-state

    async def _profile(self):
        found = await self.tool_dispatcher.dispatch("profile", limit=self.limit)
        return {"found": found, "user": self.user_id, "run": self.run_id}
