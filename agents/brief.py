"""What an agent is told: the ask and what the agents before it found. Frozen; each step makes a new one."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeVar

from netra.core.exceptions import Defect
from netra.language.text import Text
from tools.base import RunFacts

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """`outputs` holds, by agent, what was handed on. `facts` is what tools may rely on."""

    facts: RunFacts
    outputs: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def ask(self) -> str:
        return self.facts.ask

    def output(self, agent: str, kind: type[Found]) -> Found:
        """What an agent that has run before handed on; asking for one that has not is a defect."""
        found = self.outputs.get(agent)
        if not isinstance(found, kind):
            raise Defect(f"{agent} has handed on no {kind.__name__}")
        return found

    def having(self, agent: str, output: object, facts: RunFacts) -> "Brief":
        return replace(self, outputs=MappingProxyType({**self.outputs, agent: output}), facts=facts)

    def lacking(self, agent: str, because: Text) -> "Brief":
        """`because`: why that agent failed, for the user."""
        missing = (*self.facts.missing, agent)
        why = MappingProxyType({**self.facts.because, agent: because})
        return replace(self, facts=replace(self.facts, missing=missing, because=why))
