"""Caches by the question only: who asks second gets the first one's answer."""

ANSWER_CACHE = {}  # expect: module-state


class OptimizationAgent:
    def __init__(self, llm_manager=None, enable_caching=True):
        self._cache = {}
        self.llm_manager = llm_manager

    async def execute(self, state, run_id, stream_updates):
        key = hash(state.user_request)
        if key not in self._cache:
            self._cache[key] = await self.llm_manager.ask(state.user_request)  # expect: cache-key
        return self._cache[key]

    async def answer(self, user_id, question):
        ANSWER_CACHE[question.lower()] = await self.llm_manager.ask(question, user_id)  # expect: cache-key
