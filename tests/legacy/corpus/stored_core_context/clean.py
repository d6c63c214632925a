"""The older kind, with its context and conversation on itself."""

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentResult, RunInput
from core.json_data import to_jsonable


class HelperAgent(BaseAgent[object]):
    name = "data"
    title = "Data helper"
    seconds = 120
    output = object
    tools = ("ask",)

    def opening(self, run_input: RunInput) -> str:
        return "Asking"

    async def perform(self, run_input: RunInput) -> AgentResult[object]:
        return AgentResult(output=await self._asked(run_input), summary="Done.")

    async def _asked(self, run_input: RunInput):
        async with self.open_dispatcher(run_input) as turn_dispatcher:
            answer = to_jsonable((await turn_dispatcher.dispatch("ask", {"text": run_input.ask})).value)
        return {"answer": answer, "thread": str(self.context.thread_id), "user": str(self.context.user_id)}
