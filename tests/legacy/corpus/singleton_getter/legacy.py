"""A registry that hands itself out, and a decorator that makes one of a class."""

from app.patterns import singleton


class AgentRegistry:  # expect: singleton-class
    _instance = None

    @classmethod
    def get_instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    def __init__(self):
        self.agents = {}


@singleton
class EventBus:  # expect: singleton-class
    def __init__(self):
        self.listeners = []
