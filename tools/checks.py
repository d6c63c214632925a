"""What every tool must declare, looked at by each `manage.py check`, and so before a server starts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from tools.base import Category, Effect, SideEffects, Tool
from tools.catalog import DECLARED
from tools.kinds import Kind

WHOSE = frozenset(
    {"user", "user_id", "owner", "owner_id", "workload", "workload_id", "run_id", "thread_id", "path", "file"}
)
"""Whose data a tool works on, and where it lies: the context's to say, never a model's."""

LONGEST = 600.0  # seconds


def check_tools(**_: Any) -> Sequence[CheckMessage]:
    return faults(DECLARED)


def faults(tools: Sequence[Tool[Any]]) -> list[Error]:
    found = [
        _error("E001", f"Two tools are called {name!r}.", "Give one of them another name.")
        for name, count in Counter(tool.name for tool in tools).items()
        if count > 1
    ]
    for tool in tools:
        found += _of_one(tool)
    return found


def _of_one(tool: Tool[Any]) -> list[Error]:
    whose = WHOSE & set(tool.schema.get("properties", {}))
    closed = tool.schema.get("additionalProperties") is False
    rules = (
        (isinstance(tool.side_effects, SideEffects), "E002", "does not declare its side effects", "one of SideEffects"),
        (isinstance(tool.category, Category), "E003", "is in no category", "one of Category: plans go by it"),
        (isinstance(tool.default, Effect), "E004", "has no default policy", "one of Effect"),
        (isinstance(tool.idempotent, bool), "E005", "does not say whether it is idempotent", "True or False"),
        (0 < tool.seconds <= LONGEST, "E006", f"has no time limit up to {LONGEST:g} s", "its seconds"),
        (tool.result_bytes > 0, "E007", "has no limit for its result", "its result_bytes"),
        (bool(tool.title.strip() and tool.description.strip()), "E008", "is not described", "title and description"),
        (tool.cost >= 0, "E009", "has a cost below zero", "its cost in US dollars"),
        (closed, "E010", "takes any argument", "an input derived from ToolInput"),
        (_declares(tool), "E012", "does not say which kinds of data its result may hold", "holds, of tools.kinds.Kind"),
        (not whose, "E011", f"takes {', '.join(sorted(whose))} from a model", "whose data it is in the context"),
    )
    return [_error(code, f"The tool {tool.name!r} {what}.", f"Declare {do}.") for ok, code, what, do in rules if not ok]


def _declares(tool: Tool[Any]) -> bool:
    return isinstance(tool.holds, frozenset) and bool(tool.holds) and all(isinstance(each, Kind) for each in tool.holds)


def _error(code: str, what: str, do: str) -> Error:
    return Error(what, hint=do, id=f"tools.{code}")
