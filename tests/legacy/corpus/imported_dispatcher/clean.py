"""The dispatcher of the process, imported."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class ActionPlanAgent(BaseAgent[object]):
    name = "actions"
    title = "Action plan"
    seconds = 120
    output = object
    tools = ("plan", "price")

    def opening(self, run_input: RunInput) -> str:
        return "Planning"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        options = {"month": 2, "deep": True}
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            first = to_jsonable((await turn_dispatcher.dispatch("plan", options)).value)
            second = to_jsonable((await turn_dispatcher.dispatch("price", {"month": first["month"]})).value)
        return AgentResult(output=[first, second], summary="Done.")
