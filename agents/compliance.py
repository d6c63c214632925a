"""Whether a class is an agent as Netra needs them: declared in full, told by BaseAgent, and sharing nothing."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agents.base import BaseAgent
from agents.declared import shared_attributes, wrong_declarations, wrong_methods
from agents.shared_state import Source, function_of, shared_writes, source_of
from netra.core.exceptions import Defect
from tools.catalog import TOOLS

Pattern = Literal["modern", "legacy_bridge", "none"]

HELD = re.compile(r"(^|_)(session|sessions|db|database|connection|conn|websocket|ws|socket|redis|cursor|user|user_id)$")
"""What an instance is not to keep: it is in the context, or opened where it is used."""
UNAWAITED = frozenset({"create_task", "ensure_future", "run_in_executor", "call_soon", "call_later"})
_BENEATH = frozenset(BaseAgent.__mro__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """`compliant`: there are no errors. Each text is one sentence for whoever writes the class."""

    agent: str
    compliant: bool
    pattern: Pattern
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


def validate(kind: object, *, catalogue: Collection[str] = TOOLS.keys()) -> Compliance:
    """Never raises, whatever it is given. What only shows when it runs, it cannot see."""
    if not isinstance(kind, type) or not issubclass(kind, BaseAgent):
        return _no_agent(kind)
    errors = [*wrong_declarations(kind, catalogue), *wrong_methods(kind), *shared_attributes(kind)]
    errors += [str(each) for each in shared_writes(kind, beside=_BENEATH)]
    errors += [says for source in _sources(kind) for says in _held(source)]
    bridge = getattr(kind, "legacy_bridge", False) is True
    return Compliance(
        agent=kind.__qualname__,
        compliant=not errors,
        pattern="legacy_bridge" if bridge else "modern",
        errors=tuple(errors),
        warnings=tuple(says for source in _sources(kind) for says in _doubtful(source)),
        recommendations=tuple(_better(kind, bridge=bridge)),
    )


def assert_compliant(kind: object, *, catalogue: Collection[str] = TOOLS.keys()) -> None:
    """Raises Defect, naming everything that is wrong. For a test of each team's agents."""
    found = validate(kind, catalogue=catalogue)
    if not found.compliant:
        raise Defect(f"{found.agent} is no compliant agent: {'; '.join(found.errors)}")


def _no_agent(kind: object) -> Compliance:
    name = kind.__qualname__ if isinstance(kind, type) else f"an instance of {type(kind).__qualname__}"
    old = any(callable(getattr(kind, each, None)) for each in ("execute", "execute_core_logic"))
    advice = "for the time of the migration: legacy.bridges.agent.bridged (docs/bridges.md)"
    return Compliance(
        agent=name,
        compliant=False,
        pattern="none",
        errors=(f"{name} is no subclass of BaseAgent",),
        recommendations=(advice,) if old else (),
    )


def _sources(kind: type[BaseAgent[Any]]) -> Iterator[Source]:
    for each in kind.__mro__[: kind.__mro__.index(BaseAgent)]:
        for member in vars(each).values():
            function = function_of(member)
            source = source_of(function) if function else None
            if source is not None:
                yield source


def _on_self(source: Source) -> Iterator[ast.Attribute]:
    """`self.x = ...`, wherever."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node


def _held(source: Source) -> Iterator[str]:
    for node in _on_self(source):
        if HELD.search(node.attr):
            yield str(source.at(node, f"keeps `self.{node.attr}`: it is in the context, or opened where it is used"))
        elif node.attr in ("context", "kit", "language"):
            yield str(source.at(node, f"replaces `self.{node.attr}`, which is the turn's for good"))


def _doubtful(source: Source) -> Iterator[str]:
    if source.function.__name__ != "__init__":
        for node in _on_self(source):
            yield str(source.at(node, f"keeps `self.{node.attr}` from one method to the next: hand it on as a value"))
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in UNAWAITED:
            yield str(source.at(call, f"`{call.func.attr}` may outlive the turn: await it, or use asyncio.TaskGroup"))


def _better(kind: type[BaseAgent[Any]], *, bridge: bool) -> Iterator[str]:
    if bridge:
        yield "replace the bridge by a modern agent (docs/bridges.md)"
    elif kind.tools and not kind.instructions:
        yield "it has tools and no instructions, so a language model would not know what to call them for"
