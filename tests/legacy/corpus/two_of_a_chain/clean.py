"""Two agents of one chain in one file; neither reads what the other leaves."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class FirstAgent(BaseAgent[object]):
    title = "First"
    seconds = 120
    output = object
    name = "triage"

    def opening(self, run_input: RunInput) -> str:
        return "Sorting"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        return AgentResult(output={"ask": run_input.ask}, summary="Done.")


class SecondAgent(BaseAgent[object]):
    title = "Second"
    seconds = 120
    output = object
    tools = ("count",)
    name = "data"

    def opening(self, run_input: RunInput) -> str:
        return "Counting"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            return AgentResult(output=to_jsonable((await turn_dispatcher.dispatch("count", {"month": 4})).value), summary="Done.")
