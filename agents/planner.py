"""The offline planner: what an agent does without a language model, so that no key and no network is needed.

A plan is a pure function of what has been said so far. `agents.planned` follows one by itself, `agents.plannedmodel`
puts one in a model's place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Say:
    """End the turn with a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Call:
    """Call a tool."""

    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """End the turn with the typed output that the agent asked for."""

    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Return:
    """What a tool gave back."""

    tool: str
    ok: bool
    content: Any


@dataclass(frozen=True, slots=True)
class Turn:
    """The history so far: the user's own words and what the tools gave back, in order."""

    ask: str
    returns: tuple[Return, ...]

    def last(self, tool: str) -> Return | None:
        return next((each for each in reversed(self.returns) if each.tool == tool), None)


Move = Say | Answer | Sequence[Call]
Plan = Callable[[Turn], Move]


def call_each(*tools: str) -> Plan:
    """A plan that calls tools without arguments in one turn, in this order and once each, then stops."""

    def plan(turn: Turn) -> Move:
        todo = [tool for tool in tools if turn.last(tool) is None]
        return [Call(tool, {}) for tool in todo] or Say("Done.")

    return plan
