"""The manager of the process, imported."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class OptimizationsSubAgent(BaseAgent[object]):
    seconds = 120
    output = object
    tools = ("levers",)
    name = "optimization"
    title = "Optimizations"

    def opening(self, brief: Brief) -> str:
        return "Weighing levers"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("levers", {"deep": False})).value)
        await self.think(f"{len(found)} found")
        return Done(output=found, summary="Done.")
