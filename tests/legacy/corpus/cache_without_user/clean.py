"""A cache with its owner in the key, and one that lives as long as the call."""


class OptimizationAgent:
    def __init__(self, llm):
        self._cache = {}
        self.llm = llm

    async def answer(self, user_id, question):
        key = f"{user_id}:{question.lower()}"
        if key not in self._cache:
            self._cache[key] = await self.llm.ask(question, user_id)
        return self._cache[key]

    async def by_owner(self, context, question):
        self._cache[(context.user_id, question)] = await self.llm.ask(question)

    async def all(self, user_id, questions):
        cache = {}
        for each in questions:
            cache[each] = await self.llm.ask(each, user_id)
        return cache
