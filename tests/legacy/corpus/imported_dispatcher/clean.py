"""The dispatcher of the process, imported."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class ActionPlanAgent(BaseAgent[object]):
    name = "actions"
    title = "Action plan"
    seconds = 120
    output = object
    tools = ("plan", "price")

    def opening(self, brief: Brief) -> str:
        return "Planning"

    async def perform(self, brief: Brief) -> Done[object]:
        options = {"month": 2, "deep": True}
        async with self.hands(brief) as hands:
            first = jsonable((await hands.dispatch("plan", options)).value)
            second = jsonable((await hands.dispatch("price", {"month": first["month"]})).value)
        return Done(output=[first, second], summary="Done.")
