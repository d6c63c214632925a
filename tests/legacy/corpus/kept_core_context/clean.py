"""The older kind, with its context and conversation on itself."""

from agents.base import BaseAgent
from agents.brief import Brief
from agents.kit import Done
from netra.core.jsonable import jsonable


class HelperAgent(BaseAgent[object]):
    name = "data"
    title = "Data helper"
    seconds = 120
    output = object
    tools = ("ask",)

    def opening(self, brief: Brief) -> str:
        return "Asking"

    async def perform(self, brief: Brief) -> Done[object]:
        return Done(output=await self._asked(brief), summary="Done.")

    async def _asked(self, brief: Brief):
        async with self.hands(brief) as hands:
            answer = jsonable((await hands.dispatch("ask", {"text": brief.ask})).value)
        return {"answer": answer, "thread": str(self.context.thread_id), "user": str(self.context.user_id)}
