"""The plainest of them: a state comes in, words are told, one tool is called, a result is left."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class DataSubAgent(BaseAgent[object]):
    name = "data"
    title = "Data of a month"
    seconds = 120
    output = object
    tools = ("price",)

    def opening(self, brief: Brief) -> str:
        return f"Looking into: {brief.ask}"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("price", {"month": 3, "models": ["a", "b"]})).value)
        await self.think("Half of it is read")
        return Done(output={"found": found, "for": str(self.context.user_id)}, summary="Done.")
