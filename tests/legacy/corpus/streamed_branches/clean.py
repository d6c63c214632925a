"""One result, left in several branches, and a flag for who listens."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class CorpusAdminAgent(BaseAgent[object]):
    name = "corpus_admin"
    title = "Corpus admin"
    seconds = 120
    output = object
    tools = ("corpus",)

    def opening(self, brief: Brief) -> str:
        return "Looking for it"

    async def perform(self, brief: Brief) -> Done[object]:
        outcome: object = None
        if not brief.ask:
            return Done(output=outcome, summary="Done.")
        async with self.hands(brief) as hands:
            found = jsonable((await hands.dispatch("corpus", {"name": brief.ask})).value)
        if found["month"] > 1:
            outcome = {"late": True}
        else:
            outcome = {"late": False, "user": str(self.context.user_id)}
            await self.think("It is there")
            return Done(output=outcome, summary="Done.")
        await self.think("It is late")
        return Done(output=outcome, summary="Done.")
