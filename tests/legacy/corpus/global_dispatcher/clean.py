"""What is handed down is called; makers that take a context are asked."""

from app.tools import open_dispatcher
from app.transactions import transaction_manager


class ActionAgent:
    def __init__(self, context, emitter):
        self._context = context
        self._emitter = emitter

    async def execute(self, run_input):
        await self._emitter.started(run_input.text)
        tool_dispatcher = open_dispatcher(self._context)
        with transaction_manager.begin():
            return await tool_dispatcher.dispatch("search", query=run_input.text)
