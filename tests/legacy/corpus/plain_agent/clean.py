"""The plainest of them: a state comes in, words are told, one tool is called, a result is left."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class DataSubAgent(BaseAgent[object]):
    name = "data"
    title = "Data of a month"
    seconds = 120
    output = object
    tools = ("price",)

    def opening(self, run_input: RunInput) -> str:
        return f"Looking into: {run_input.ask}"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("price", {"month": 3, "models": ["a", "b"]})).value)
        await self.think("Half of it is read")
        return AgentResult(output={"found": found, "for": str(self.context.user_id)}, summary="Done.")
