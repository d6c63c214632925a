"""A state that the agent keeps, so that its methods need not be handed it."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class ResearchAgent(BaseAgent[object]):
    name = "data"
    title = "Research"
    seconds = 120
    output = object
    tools = ("look",)

    def opening(self, brief: Brief) -> str:
        return "Research is at work."

    async def perform(self, brief: Brief) -> Done[object]:
        """Look twice."""
        await self._tell(brief, "first")
        near = await self._looked(brief, "near")
        await self._tell(brief, "second")
        return Done(output={"near": near, "far": await self._looked(brief, "far")}, summary="Done.")

    async def _tell(self, brief: Brief, which):
        await self.think(f"The {which} look at {brief.ask}")

    async def _looked(self, brief: Brief, where):
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("look", {"where": where, "ask": brief.ask})).value)
        return found["where"], str(self.context.thread_id)
