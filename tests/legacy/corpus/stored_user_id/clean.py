"""Whose turn it is, kept on the agent: by its maker, and again by whoever runs it."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class ProfileAgent(BaseAgent[object]):
    name = "data"
    title = "Profile"
    seconds = 120
    output = object
    tools = ("profile",)
    limit = 2

    def opening(self, run_input: RunInput) -> str:
        return f"For {self.context.user_id}"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        return AgentResult(output=await self._profile(run_input), summary="Done.")

    async def _profile(self, run_input: RunInput):
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("profile", {"limit": self.limit})).value)
        return {"found": found, "user": str(self.context.user_id), "run": str(self.context.run_id)}
