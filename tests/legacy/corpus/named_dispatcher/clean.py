"""A dispatcher that is asked for by name, once for the whole turn."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class SupplySubAgent(BaseAgent[object]):
    title = "Supply research"
    seconds = 120
    output = object
    tools = ("price", "forecast")
    name = "data"
    description = "Supply research"

    def opening(self, brief: Brief) -> str:
        return "Supply research is at work."

    async def perform(self, brief: Brief) -> Done[object]:
        totals = []
        async with self.hands(brief) as hands:
            for month in range(3):
                await self.think(f"Month {month}")
                found = jsonable((await hands.dispatch("price", {"month": month})).value)
                totals.append(found["month"])
            if sum(totals) > 2:
                extra = jsonable((await hands.dispatch("forecast", {"months": len(totals)})).value)
                totals.append(extra["months"])
        return Done(output={"totals": totals, "ask": brief.ask}, summary="Done.")
