"""Errors that are told and raised again."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class QualityAgent(BaseAgent[object]):
    name = "quality"
    title = "Quality"
    seconds = 120
    output = object
    tools = ("measure",)

    def opening(self, brief: Brief) -> str:
        return "Measuring"

    async def perform(self, brief: Brief) -> Done[object]:
        outcome: object = None
        async with self.hands(brief) as hands:
            try:
                found = jsonable((await hands.dispatch("measure", {"month": 3})).value)
                outcome = found
            except Exception as error:
                raise
        return Done(output=outcome, summary="Done.")
