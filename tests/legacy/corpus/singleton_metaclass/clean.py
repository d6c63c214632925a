"""A metaclass that looks at classes, and a supervisor that is made for each run."""


class CheckedMeta(type):
    def __call__(cls, *args, **kwargs):
        made = super().__call__(*args, **kwargs)
        made.check()
        return made


class Supervisor(metaclass=CheckedMeta):
    def __init__(self, context, llm):
        self._context = context
        self._llm = llm

    def check(self):
        assert self._context.user_id

    async def execute(self, run_input):
        return await self._llm.ask(run_input.text)
