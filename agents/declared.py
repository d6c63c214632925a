"""What an agent class declares, held against what BaseAgent's callers rely on."""

import dataclasses
import inspect
from collections.abc import Collection, Iterator
from typing import Any

from agents.base import BaseAgent
from agents.shared_state import CONTAINERS

THEIRS = frozenset({"__init__", "opening", "perform", "plan", "establishes"})
"""What an agent says itself. The rest is how a turn is told and limited: otherwise it might be told wrongly."""


def wrong_declarations(kind: type[BaseAgent[Any]], catalogue: Collection[str]) -> Iterator[str]:
    name, title, seconds = (getattr(kind, each, None) for each in ("name", "title", "seconds"))
    if not (isinstance(name, str) and name.isidentifier() and name == name.lower()):
        yield "`name` is missing or no lower-case identifier"
    if not (isinstance(title, str) and title.strip()):
        yield "`title` is missing: it is what users see"
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < float("inf"):
        yield "`seconds` is missing or no number above 0: a turn needs a deadline"
    yield from _wrong_output(getattr(kind, "output", None))
    yield from _wrong_tools(getattr(kind, "tools", None), catalogue)
    if not isinstance(getattr(kind, "instructions", None), str):
        yield "`instructions` is no text"
    if not isinstance(getattr(kind, "essential", None), bool):
        yield "`essential` is neither True nor False"


def wrong_methods(kind: type[BaseAgent[Any]]) -> Iterator[str]:
    missing = sorted(getattr(kind, "__abstractmethods__", ()))
    if missing:
        yield f"it does not say how to {', '.join(missing)}"
    if "perform" not in missing:
        if not inspect.iscoroutinefunction(inspect.unwrap(kind.perform)):
            yield "`perform` is not `async def`"
        if len(_parameters(kind.perform)) != 2:
            yield "`perform` does not take (self, brief)"
    if "opening" not in missing and inspect.iscoroutinefunction(kind.opening):
        yield "`opening` is `async def`: it is said at once"
    for name, ours in vars(BaseAgent).items():
        if inspect.isfunction(ours) and name not in THEIRS and getattr(kind, name) is not ours:
            yield f"`{name}` is overridden: how a turn is told and limited is BaseAgent's"
    if _parameters(kind.__init__)[1:3] not in (["context", "kit"], ["args"], ["args", "kwargs"]):
        yield "its constructor does not begin with (self, context, kit)"


def shared_attributes(kind: type[BaseAgent[Any]]) -> Iterator[str]:
    for each in kind.__mro__[: kind.__mro__.index(BaseAgent)]:
        for name, value in vars(each).items():
            if not name.startswith("__") and isinstance(value, CONTAINERS):
                yield f"`{each.__name__}.{name}` is a {type(value).__name__} that all turns of all users share"


def _wrong_output(output: object) -> Iterator[str]:
    if not (isinstance(output, type) and dataclasses.is_dataclass(output)):
        yield "`output` is missing or no dataclass"
    elif not output.__dataclass_params__.frozen:  # type: ignore[attr-defined]  # every dataclass has them
        yield f"`output`: {output.__name__} is not frozen, so agents after it could change it"


def _wrong_tools(tools: object, catalogue: Collection[str]) -> Iterator[str]:
    if not isinstance(tools, tuple) or not all(isinstance(each, str) for each in tools):
        yield "`tools` is no tuple of names"
        return
    unknown = [each for each in tools if each not in catalogue]
    if unknown:
        yield f"`tools` names what is not in the catalogue: {', '.join(unknown)}"


def _parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)
