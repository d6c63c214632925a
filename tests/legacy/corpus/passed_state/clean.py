"""A state that goes from method to method, and ids that are asked of it on the way."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class ForecastAgent(BaseAgent[object]):
    name = "forecast"
    title = "Forecast"
    seconds = 120
    output = object
    tools = ("forecast",)
    horizon = 2

    def opening(self, run_input: RunInput) -> str:
        return "Forecast is starting."

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        months = await self._months(run_input, self.horizon)
        return AgentResult(output={"months": months, "title": self._title(run_input)}, summary="Done.")

    async def _months(self, run_input: RunInput, count: int) -> list:
        months = []
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            for number in range(count):
                await self.think(f"Month {number} of {run_input.ask}")
                months.append(to_jsonable((await turn_dispatcher.dispatch("forecast", {"month": number})).value))
        return months

    def _title(self, run_input: RunInput) -> str:
        return f"{run_input.ask} ({self.context.run_id})"
