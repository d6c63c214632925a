"""One result, left in several branches, and a flag for who listens."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class CorpusAdminAgent(BaseAgent[object]):
    name = "corpus_admin"
    title = "Corpus admin"
    seconds = 120
    output = object
    tools = ("corpus",)

    def opening(self, run_input: RunInput) -> str:
        return "Looking for it"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        outcome: object = None
        if not run_input.ask:
            return AgentResult(output=outcome, summary="Done.")
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            found = to_jsonable((await turn_dispatcher.dispatch("corpus", {"name": run_input.ask})).value)
        if found["month"] > 1:
            outcome = {"late": True}
        else:
            outcome = {"late": False, "user": str(self.context.user_id)}
            await self.think("It is there")
            return AgentResult(output=outcome, summary="Done.")
        await self.think("It is late")
        return AgentResult(output=outcome, summary="Done.")
