"""A state that goes from method to method, and ids that are asked of it on the way."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class ForecastAgent(BaseAgent[object]):
    name = "forecast"
    title = "Forecast"
    seconds = 120
    output = object
    tools = ("forecast",)
    horizon = 2

    def opening(self, brief: Brief) -> str:
        return "Forecast is at work."

    async def perform(self, brief: Brief) -> Done[object]:
        months = await self._months(brief, self.horizon)
        return Done(output={"months": months, "title": self._title(brief)}, summary="Done.")

    async def _months(self, brief: Brief, count: int) -> list:
        months = []
        async with self.hands(brief) as hands:
            for number in range(count):
                await self.think(f"Month {number} of {brief.ask}")
                months.append(jsonable((await hands.dispatch("forecast", {"month": number})).value))
        return months

    def _title(self, brief: Brief) -> str:
        return f"{brief.ask} ({self.context.run_id})"
