"""The older kind, with its context and conversation on itself."""

from app.agents import BaseSubAgent


class HelperAgent(BaseSubAgent):
    def __init__(self, enable_execution_engine=True, tool_dispatcher=None):
        super().__init__(name="data", description="Data helper", enable_execution_engine=enable_execution_engine)
        self.tool_dispatcher = tool_dispatcher
        self.context = None

    async def execute_core_logic(self, context):
        self.context = context  # expect: stored-context
        self.thread_id = context.thread_id  # expect: stored-user-id
        await self.send_status_update(context, "running", "Asking")
        return await self._asked()

    async def _asked(self):
        answer = await self.tool_dispatcher.dispatch("ask", text=self.context.state.user_request)
        return {"answer": answer, "thread": self.thread_id, "user": self.context.user_id}
