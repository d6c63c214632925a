"""A metaclass that keeps one object per class, and a supervisor that is one."""


class SingletonMeta(type):  # expect: singleton-class
    _instances = {}  # expect: class-state

    def __call__(cls, *args, **kwargs):
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]


class Supervisor(metaclass=SingletonMeta):  # expect: singleton-class
    def __init__(self, llm_manager=None):
        self.llm_manager = llm_manager

    async def execute(self, state, run_id, stream_updates):
        await self.llm_manager.ask(state.user_request)
