"""Core logic that returns what it found, and where there is nothing, nothing."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class SpendAgent(BaseAgent[object]):
    title = "Spend"
    seconds = 120
    output = object
    tools = ("price",)
    name = "data"

    def opening(self, run_input: RunInput) -> str:
        return f"Working on {self.context.run_id} for {run_input.ask}"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("price", {"month": 3, "ask": run_input.ask})).value)
        if found["month"] > 5:
            return AgentResult(output=None, summary="Done.")
        return AgentResult(output={"found": found, "user": str(self.context.user_id)}, summary="Done.")
