"""The manager of the process, imported."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class OptimizationsSubAgent(BaseAgent[object]):
    seconds = 120
    output = object
    tools = ("levers",)
    name = "optimization"
    title = "Optimizations"

    def opening(self, run_input: RunInput) -> str:
        return "Weighing levers"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("levers", {"deep": False})).value)
        await self.think(f"{len(found)} found")
        return AgentResult(output=found, summary="Done.")
