"""The older kind, which takes a context and keeps it, under an engine that is shared."""

from app.engine import ExecutionEngine


class DataHelperAgent:
    def __init__(self, enable_execution_engine=True, tool_dispatcher=None):
        self.tool_dispatcher = tool_dispatcher
        self.context = None

    async def execute_core_logic(self, context):
        self.context = context  # expect: stored-context
        self.thread_id = context.thread_id  # expect: stored-user-id
        return await self.tool_dispatcher.dispatch("ask", text=context.user_request)


_supervisor = None


def supervisor():
    global _supervisor
    if not _supervisor:
        _supervisor = ExecutionSupervisor()  # expect: global-instance
    return _supervisor


class ExecutionSupervisor:
    engine = None

    def begin(self, state):
        self.current_state = state  # expect: stored-context
        return ExecutionEngine(state)
