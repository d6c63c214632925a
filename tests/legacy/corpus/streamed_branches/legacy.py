"""One result, left in several branches, and a flag for who listens."""

from app.agents import BaseAgent


class CorpusAdminAgent(BaseAgent):
    async def execute(self, state, run_id, stream_updates):
        if stream_updates:
            await self.emit_thinking("Looking for it", 1)
        if not state.user_request:
            return
        found = await self.tool_dispatcher.dispatch("corpus", name=state.user_request)
        if found["month"] > 1:
            state.corpus_admin_result = {"late": True}  # expect: deep-agent-state
        else:
            state.corpus_admin_result = {"late": False, "user": state.user_id}  # expect: deep-agent-state
            if stream_updates:
                await self.emit_progress("It is there", True)
            return
        await self.emit_thinking("It is late", 2)
