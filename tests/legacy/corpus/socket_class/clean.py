"""The same manager, made where it is used: its __new__ gives everybody the same one."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done


class TriageSubAgent(BaseAgent[object]):
    name = "triage"
    title = "Triage"
    seconds = 120
    output = object

    def opening(self, brief: Brief) -> str:
        return "Triage is at work."

    async def perform(self, brief: Brief) -> Done[object]:
        category = await self._categorised(brief)
        await self.think(f"It is about {category}")
        return Done(output={"category": category, "run": str(self.context.run_id)}, summary="Done.")

    async def _categorised(self, brief: Brief):
        await self.think(f"Which is it: {brief.ask}")
        words = brief.ask.lower().split()
        return "cost" if "spend" in words else "other"
