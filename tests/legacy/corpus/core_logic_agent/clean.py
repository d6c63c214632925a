"""Core logic that gets all it needs."""


class DataHelperAgent:
    def __init__(self, context, dispatcher):
        self._context = context
        self._dispatcher = dispatcher

    async def execute(self, run_input):
        return await self._dispatcher.dispatch("ask", text=run_input.text)


def supervisor(context, make):
    made = make(context)
    return made
