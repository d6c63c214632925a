"""Two agents of one chain in one file; neither reads what the other leaves."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class FirstAgent(BaseAgent[object]):
    title = "First"
    seconds = 120
    output = object
    name = "triage"

    def opening(self, brief: Brief) -> str:
        return "Sorting"

    async def perform(self, brief: Brief) -> Done[object]:
        return Done(output={"ask": brief.ask}, summary="Done.")


class SecondAgent(BaseAgent[object]):
    title = "Second"
    seconds = 120
    output = object
    tools = ("count",)
    name = "data"

    def opening(self, brief: Brief) -> str:
        return "Counting"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            return Done(output=jsonable((await hands.dispatch("count", {"month": 4})).value), summary="Done.")
