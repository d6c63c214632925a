"""Validation of agent classes: complete declarations, no overridden BaseAgent methods, no shared state."""

import ast
import dataclasses
import inspect
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from agents.framework.agent import BaseAgent
from agents.framework.shared_state import (
    MUTABLE_CONTAINERS,
    FunctionSource,
    find_shared_writes,
    parse_function,
    unwrap_function,
)
from core.exceptions import Defect
from tools.registry import TOOLS

AgentPattern = Literal["modern", "legacy_bridge", "none"]

FORBIDDEN_ATTRIBUTES = re.compile(
    r"(^|_)(session|sessions|db|database|connection|conn|websocket|ws|socket|redis|cursor|user|user_id)$"
)
"""Attributes that an agent must not store: they are in the context, or opened where they are used."""
DETACHING_CALLS = frozenset({"create_task", "ensure_future", "run_in_executor", "call_soon", "call_later"})
OVERRIDABLE_METHODS = frozenset({"__init__", "opening", "perform", "plan", "establishes"})
"""Methods that an agent may define. The others report and limit a turn, which an agent must not change."""
_BASE_CLASSES = frozenset(BaseAgent.__mro__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compliance:
    """The report on one class; `compliant` means without errors. Each text is a sentence for the class's author."""

    agent: str
    compliant: bool
    pattern: AgentPattern
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    recommendations: tuple[str, ...] = ()


def validate_agent(kind: object, *, catalogue: Collection[str] = TOOLS.keys()) -> Compliance:
    """Report on a class. Never raises, for any object. Errors that only occur at run time are not found."""
    if not isinstance(kind, type) or not issubclass(kind, BaseAgent):
        return _report_non_agent(kind)
    errors = [*find_declaration_errors(kind, catalogue), *find_method_errors(kind), *find_shared_attributes(kind)]
    errors += [str(each) for each in find_shared_writes(kind, beside=_BASE_CLASSES)]
    errors += [error for source in _iter_method_sources(kind) for error in _find_forbidden_assignments(source)]
    bridge = kind.pattern == "legacy_bridge"
    return Compliance(
        agent=kind.__qualname__,
        compliant=not errors,
        pattern="legacy_bridge" if bridge else "modern",
        errors=tuple(errors),
        warnings=tuple(warning for source in _iter_method_sources(kind) for warning in _find_doubtful_code(source)),
        recommendations=tuple(_recommend_changes(kind, bridge=bridge)),
    )


def assert_compliant(kind: object, *, catalogue: Collection[str] = TOOLS.keys()) -> None:
    """Raise Defect with all errors of a class. For tests of an installation's own agents."""
    report = validate_agent(kind, catalogue=catalogue)
    if not report.compliant:
        raise Defect(f"{report.agent} is not a compliant agent: {'; '.join(report.errors)}")


def _report_non_agent(kind: object) -> Compliance:
    name = kind.__qualname__ if isinstance(kind, type) else f"an instance of {type(kind).__qualname__}"
    old = any(callable(getattr(kind, each, None)) for each in ("execute", "execute_core_logic"))
    advice = "run it behind a bridge until it is migrated (docs/bridges.md)"
    return Compliance(
        agent=name,
        compliant=False,
        pattern="none",
        errors=(f"{name} is not a subclass of BaseAgent",),
        recommendations=(advice,) if old else (),
    )


def _iter_method_sources(kind: type[BaseAgent[Any]]) -> Iterator[FunctionSource]:
    for each in kind.__mro__[: kind.__mro__.index(BaseAgent)]:
        for member in vars(each).values():
            function = unwrap_function(member)
            source = parse_function(function) if function else None
            if source is not None:
                yield source


def _iter_self_assignments(source: FunctionSource) -> Iterator[ast.Attribute]:
    """Yield the targets of all assignments to `self.x`."""
    for node in ast.walk(source.tree):
        if not (isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)):
            continue
        if isinstance(node.value, ast.Name) and node.value.id == "self":
            yield node


def _find_forbidden_assignments(source: FunctionSource) -> Iterator[str]:
    for node in _iter_self_assignments(source):
        if FORBIDDEN_ATTRIBUTES.search(node.attr):
            yield str(
                source.to_shared_write(
                    node, f"stores `self.{node.attr}`: take it from the context, or open it where it is used"
                )
            )
        elif node.attr in ("context", "deps", "language"):
            yield str(
                source.to_shared_write(node, f"replaces `self.{node.attr}`, which must not change during the turn")
            )


def _find_doubtful_code(source: FunctionSource) -> Iterator[str]:
    if source.function.__name__ != "__init__":
        for node in _iter_self_assignments(source):
            yield str(source.to_shared_write(node, f"stores `self.{node.attr}` between methods: pass it as a value"))
    for call in ast.walk(source.tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in DETACHING_CALLS:
            yield str(
                source.to_shared_write(
                    call, f"`{call.func.attr}` may outlive the turn: await it, or use asyncio.TaskGroup"
                )
            )


def _recommend_changes(kind: type[BaseAgent[Any]], *, bridge: bool) -> Iterator[str]:
    if bridge:
        yield "replace the bridge with a modern agent (docs/bridges.md)"
    elif kind.tools and not kind.instructions:
        yield "it has tools but no instructions, so a language model would not know when to call them"


def find_declaration_errors(kind: type[BaseAgent[Any]], catalogue: Collection[str]) -> Iterator[str]:
    name, title, seconds = (getattr(kind, each, None) for each in ("name", "title", "seconds"))
    if not (isinstance(name, str) and name.isidentifier() and name == name.lower()):
        yield "`name` is missing or is not a lower-case identifier"
    if not (isinstance(title, str) and title.strip()):
        yield "`title` is missing: users see it"
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        yield "`seconds` is missing or is not a number above 0: a turn needs a deadline"
    yield from _find_output_errors(getattr(kind, "output", None))
    yield from _find_tools_errors(getattr(kind, "tools", None), catalogue)
    if not isinstance(getattr(kind, "instructions", None), str):
        yield "`instructions` is not a string"
    if not isinstance(getattr(kind, "essential", None), bool):
        yield "`essential` is neither True nor False"


def find_method_errors(kind: type[BaseAgent[Any]]) -> Iterator[str]:
    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    if missing:
        yield f"it does not implement {', '.join(missing)}"
    if "perform" not in missing:
        if not inspect.iscoroutinefunction(inspect.unwrap(kind.perform)):
            yield "`perform` is not `async def`"
        if len(_list_parameters(kind.perform)) != 2:
            yield "`perform` does not take (self, run_input)"
    if "opening" not in missing and inspect.iscoroutinefunction(kind.opening):
        yield "`opening` is `async def`, but must be a plain function"
    for name, own in vars(BaseAgent).items():
        if inspect.isfunction(own) and name not in OVERRIDABLE_METHODS and getattr(kind, name) is not own:
            yield f"`{name}` is overridden: only BaseAgent reports and limits a turn"
    if _list_parameters(kind.__init__)[1:3] not in (["context", "deps"], ["args"], ["args", "kwargs"]):
        yield "its constructor does not start with (self, context, deps)"


def find_shared_attributes(kind: type[BaseAgent[Any]]) -> Iterator[str]:
    for each in kind.__mro__[: kind.__mro__.index(BaseAgent)]:
        for name, value in vars(each).items():
            if not name.startswith("__") and isinstance(value, MUTABLE_CONTAINERS):
                yield f"`{each.__name__}.{name}` is a {type(value).__name__} that all turns of all users share"


def _find_output_errors(output: object) -> Iterator[str]:
    if not (isinstance(output, type) and dataclasses.is_dataclass(output)):
        yield "`output` is missing or is not a dataclass"
    elif not output.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # every dataclass has them
        yield f"`output`: {output.__name__} is not frozen, so later agents could change it"


def _find_tools_errors(tools: object, catalogue: Collection[str]) -> Iterator[str]:
    if not isinstance(tools, tuple) or not all(isinstance(each, str) for each in tools):
        yield "`tools` is not a tuple of names"
        return
    unknown = [each for each in tools if each not in catalogue]
    if unknown:
        yield f"`tools` names unknown tools: {', '.join(unknown)}"


def _list_parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)
