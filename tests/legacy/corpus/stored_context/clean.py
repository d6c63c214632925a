"""An agent made for one context, and one that passes it along."""


class TriageAgent:
    def __init__(self, context, kit):
        self._context = context
        self._kit = kit

    async def execute(self, brief):
        self.request = brief.request
        self.run_id = self._context.run_id
        return await self._classify(brief)

    async def _classify(self, brief):
        return brief.text, self._context.user_id


class StatelessAgent:
    def __init__(self, llm):
        self.llm = llm
        self.state = None

    async def execute(self, context, brief):
        return await self.llm.ask(context, brief)
