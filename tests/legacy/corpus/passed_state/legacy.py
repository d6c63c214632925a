"""A state that goes from method to method, and ids that are asked of it on the way."""

from app.agents import BaseAgent
from app.state import DeepAgentState  # expect: deep-agent-state


class ForecastAgent(BaseAgent):
    horizon = 2

    async def execute(self, state: DeepAgentState, run_id: str, stream_updates: bool) -> None:  # expect: deep-agent-state
        state.increment_step_count()
        months = await self._months(state, self.horizon)
        state.data_result = {"months": months, "title": self._title(state)}  # expect: deep-agent-state

    async def _months(self, state: DeepAgentState, count: int) -> list:  # expect: deep-agent-state
        months = []
        for number in range(count):
            await self.emit_thinking(f"Month {number} of {state.user_request}", number)
            months.append(await self.tool_dispatcher.dispatch("forecast", month=number))
        return months

    def _title(self, state: DeepAgentState) -> str:  # expect: deep-agent-state
        return f"{state.user_request} ({state.run_id})"
