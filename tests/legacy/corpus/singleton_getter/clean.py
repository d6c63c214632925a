"""A catalogue is constant; a registry is made where it is needed."""

from types import MappingProxyType

AGENTS = MappingProxyType({"triage": "TriageAgent"})


class AgentRegistry:
    @classmethod
    def of(cls, names):
        return cls({name: AGENTS[name] for name in names})

    @classmethod
    def get_instance(cls):
        return cls({})

    def __init__(self, agents):
        self.agents = agents
