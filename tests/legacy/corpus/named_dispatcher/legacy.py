"""A dispatcher that is asked for by name, once for the whole turn."""

from app.agents import BaseAgent
from app.tools import get_tool_dispatcher


class SupplySubAgent(BaseAgent):
    name = "data"
    description = "Supply research"

    async def execute(self, state, run_id, stream_updates):
        dispatcher = get_tool_dispatcher()  # expect: global-dispatcher
        totals = []
        for month in range(3):
            await self.emit_thinking(f"Month {month}", month)
            found = await dispatcher.dispatch("price", month=month)
            totals.append(found["month"])
        if sum(totals) > 2:
            extra = await dispatcher.dispatch("forecast", months=len(totals))
            totals.append(extra["months"])
        state.data_result = {"totals": totals, "ask": state.user_request}  # expect: deep-agent-state
