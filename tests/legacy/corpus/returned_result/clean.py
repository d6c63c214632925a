"""Core logic that returns what it found, and where there is nothing, nothing."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class SpendAgent(BaseAgent[object]):
    title = "Spend"
    seconds = 120
    output = object
    tools = ("price",)
    name = "data"

    def opening(self, brief: Brief) -> str:
        return f"Working on {self.context.run_id} for {brief.ask}"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("price", {"month": 3, "ask": brief.ask})).value)
        if found["month"] > 5:
            return Done(output=None, summary="Done.")
        return Done(output={"found": found, "user": str(self.context.user_id)}, summary="Done.")
