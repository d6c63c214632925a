"""A bridge and a run that are set on the agent from outside, and notified by it."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done


class SyntheticAgent(BaseAgent[object]):
    name = "data"
    title = "Synthetic data"
    seconds = 120
    output = object

    def opening(self, brief: Brief) -> str:
        return "Making rows"

    async def perform(self, brief: Brief) -> Done[object]:
        rows = [{"row": number, "run": str(self.context.run_id)} for number in range(3)]
        await self.think(f"{len(rows)} rows")
        return Done(output=rows, summary="Done.")
