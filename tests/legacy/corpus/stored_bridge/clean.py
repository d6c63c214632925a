"""A bridge and a run that are set on the agent from outside, and notified by it."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput


class SyntheticAgent(BaseAgent[object]):
    name = "data"
    title = "Synthetic data"
    seconds = 120
    output = object

    def opening(self, run_input: RunInput) -> str:
        return "Making rows"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        rows = [{"row": number, "run": str(self.context.run_id)} for number in range(3)]
        await self.think(f"{len(rows)} rows")
        return AgentResult(output=rows, summary="Done.")
