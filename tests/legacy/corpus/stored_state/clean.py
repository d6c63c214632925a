"""A state that the agent keeps, so that its methods need not be handed it."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class ResearchAgent(BaseAgent[object]):
    name = "data"
    title = "Research"
    seconds = 120
    output = object
    tools = ("look",)

    def opening(self, run_input: RunInput) -> str:
        return "Research is starting."

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        """Look twice."""
        await self._tell(run_input, "first")
        near = await self._looked(run_input, "near")
        await self._tell(run_input, "second")
        return AgentResult(output={"near": near, "far": await self._looked(run_input, "far")}, summary="Done.")

    async def _tell(self, run_input: RunInput, which):
        await self.think(f"The {which} look at {run_input.ask}")

    async def _looked(self, run_input: RunInput, where):
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("look", {"where": where, "ask": run_input.ask})).value)
        return found["where"], str(self.context.thread_id)
