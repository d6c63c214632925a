"""A dispatcher that is asked for by name, once for the whole turn."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class SupplySubAgent(BaseAgent[object]):
    title = "Supply research"
    seconds = 120
    output = object
    tools = ("price", "forecast")
    name = "data"
    description = "Supply research"

    def opening(self, run_input: RunInput) -> str:
        return "Supply research is starting."

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        totals = []
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            for month in range(3):
                await self.think(f"Month {month}")
                found = to_jsonable((await turn_dispatcher.dispatch("price", {"month": month})).value)
                totals.append(found["month"])
            if sum(totals) > 2:
                extra = to_jsonable((await turn_dispatcher.dispatch("forecast", {"months": len(totals)})).value)
                totals.append(extra["months"])
        return AgentResult(output={"totals": totals, "ask": run_input.ask}, summary="Done.")
