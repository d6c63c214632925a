"""Core logic that returns what it found, and where there is nothing, nothing."""

from app.agents import LegacyAgentBase
from app.tools import tool_dispatcher


class SpendAgent(LegacyAgentBase):
    name = "data"

    async def execute_core_logic(self, context):
        await self.emit_thinking(f"Working on {context.run_id} for {context.user_request}", 1)
        found = await tool_dispatcher.dispatch("price", month=3, ask=context.user_request)  # expect: global-dispatcher
        if found["month"] > 5:
            return None
        return {"found": found, "user": context.user_id}
