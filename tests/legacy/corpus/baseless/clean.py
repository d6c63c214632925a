"""Without any base: what it speaks and acts by was put on it from outside."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class Reporter(BaseAgent[object]):
    seconds = 120
    output = object
    tools = ("write",)
    name = "reporting"
    title = "Report"

    def opening(self, brief: Brief) -> str:
        return "Writing"

    async def perform(self, brief: Brief) -> Done[object]:
        async with self.hands(brief) as hands:
            pages = jsonable((await hands.dispatch("write", {"pages": 2})).value)
        return Done(output={"pages": pages, "owner": str(self.context.user_id)}, summary="Done.")
