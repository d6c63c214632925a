"""Words that are only told where somebody has set a bridge; under Netra somebody always listens."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class AdviceAgent(BaseAgent[object]):
    name = "optimization"
    title = "Advice"
    seconds = 120
    output = object
    tools = ("levers", "worth")

    def opening(self, brief: Brief) -> str:
        return "Weighing what could be saved"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            levers = jsonable((await hands.dispatch("levers", {"ask": brief.ask})).value)
            await self.think(f"{len(levers)} weighed")
            worth = jsonable((await hands.dispatch("worth", {"month": levers["month"]})).value)
        return Done(output={"levers": levers, "worth": worth}, summary="Done.")
