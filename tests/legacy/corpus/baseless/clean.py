"""Without any base: what it speaks and acts by was put on it from outside."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class Reporter(BaseAgent[object]):
    seconds = 120
    output = object
    tools = ("write",)
    name = "reporting"
    title = "Report"

    def opening(self, run_input: RunInput) -> str:
        return "Writing"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            pages = to_jsonable((await turn_dispatcher.dispatch("write", {"pages": 2})).value)
        return AgentResult(output={"pages": pages, "owner": str(self.context.user_id)}, summary="Done.")
