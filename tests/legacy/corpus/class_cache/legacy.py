"""A container in the class body, changed through self."""


class DataAgent:
    _results = {}  # expect: class-state
    seen: list = []  # expect: class-state
    limits = {"rows": 100}

    def __init__(self, llm_manager=None):
        self.llm_manager = llm_manager

    async def execute(self, state, run_id, stream_updates):
        self.seen.append(run_id)
        self._results[run_id] = await self.llm_manager.ask(state.user_request, self.limits["rows"])

    def forget(self):
        DataAgent._results.clear()
