"""Errors that are told and raised again."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class QualityAgent(BaseAgent[object]):
    name = "quality"
    title = "Quality"
    seconds = 120
    output = object
    tools = ("measure",)

    def opening(self, run_input: RunInput) -> str:
        return "Measuring"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        outcome: object = None
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            try:
                found = to_jsonable((await turn_dispatcher.dispatch("measure", {"month": 3})).value)
                outcome = found
            except Exception as error:
                raise
        return AgentResult(output=outcome, summary="Done.")
