"""Words that are only told where somebody has set a bridge; under Netra somebody always listens."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class AdviceAgent(BaseAgent[object]):
    name = "optimization"
    title = "Advice"
    seconds = 120
    output = object
    tools = ("levers", "worth")

    def opening(self, run_input: RunInput) -> str:
        return "Weighing what could be saved"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            levers = to_jsonable((await turn_dispatcher.dispatch("levers", {"ask": run_input.ask})).value)
            await self.think(f"{len(levers)} weighed")
            worth = to_jsonable((await turn_dispatcher.dispatch("worth", {"month": levers["month"]})).value)
        return AgentResult(output={"levers": levers, "worth": worth}, summary="Done.")
