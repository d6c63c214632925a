"""The same manager, made where it is used: its __new__ gives everybody the same one."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput


class TriageSubAgent(BaseAgent[object]):
    name = "triage"
    title = "Triage"
    seconds = 120
    output = object

    def opening(self, run_input: RunInput) -> str:
        return "Triage is starting."

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        category = await self._categorised(run_input)
        await self.think(f"It is about {category}")
        return AgentResult(output={"category": category, "run": str(self.context.run_id)}, summary="Done.")

    async def _categorised(self, run_input: RunInput):
        await self.think(f"Which is it: {run_input.ask}")
        words = run_input.ask.lower().split()
        return "cost" if "spend" in words else "other"
