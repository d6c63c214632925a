"""An agent made for one context, and one that passes it along."""


class TriageAgent:
    def __init__(self, context, kit):
        self._context = context
        self._kit = kit

    async def execute(self, run_input):
        self.request = run_input.request
        self.run_id = self._context.run_id
        return await self._classify(run_input)

    async def _classify(self, run_input):
        return run_input.text, self._context.user_id


class StatelessAgent:
    def __init__(self, llm):
        self.llm = llm
        self.state = None

    async def execute(self, context, run_input):
        return await self.llm.ask(context, run_input)
