"""Whose turn it is, kept on the agent: by its maker, and again by whoever runs it."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class ProfileAgent(BaseAgent[object]):
    name = "data"
    title = "Profile"
    seconds = 120
    output = object
    tools = ("profile",)
    limit = 2

    def opening(self, brief: Brief) -> str:
        return f"For {self.context.user_id}"

    async def perform(self, brief: Brief) -> Done[object]:
        return Done(output=await self._profile(brief), summary="Done.")

    async def _profile(self, brief: Brief):
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("profile", {"limit": self.limit})).value)
        return {"found": found, "user": str(self.context.user_id), "run": str(self.context.run_id)}
