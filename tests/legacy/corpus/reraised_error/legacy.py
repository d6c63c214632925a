"""Errors that are told and raised again."""

from app.agents import BaseAgent


class QualityAgent(BaseAgent):
    async def execute(self, state, run_id, stream_updates):
        try:
            await self.emit_agent_started("Measuring")
            found = await self.tool_dispatcher.dispatch("measure", month=3)
            state.data_result = found  # expect: deep-agent-state
            await self.emit_agent_completed(found)
        except Exception as error:
            await self.emit_error(str(error), "failed")
            raise
