"""Django system checks of every tool's declaration, run by each `manage.py check` and so before a server starts."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error

from tools.base import Category, DataKind, PolicyEffect, SideEffects, Tool
from tools.registry import DECLARED_TOOLS

OWNERSHIP_ARGUMENTS = frozenset(
    {"user", "user_id", "owner", "owner_id", "workload", "workload_id", "run_id", "thread_id", "path", "file"}
)
"""The context says whose data a tool works on and where it is, never a model."""

MAX_SECONDS = 600.0  # seconds


def check_tools(**_: Any) -> Sequence[CheckMessage]:
    return find_faults(DECLARED_TOOLS)


def find_faults(tools: Sequence[Tool[Any]]) -> list[Error]:
    found = [
        _build_error("E001", f"Two tools are called {name!r}.", "Give one of them another name.")
        for name, count in Counter(tool.name for tool in tools).items()
        if count > 1
    ]
    for tool in tools:
        found += _check_tool(tool)
    return found


def _check_tool(tool: Tool[Any]) -> list[Error]:
    whose = OWNERSHIP_ARGUMENTS & set(tool.schema.get("properties", {}))
    closed = tool.schema.get("additionalProperties") is False
    rules = (
        (isinstance(tool.side_effects, SideEffects), "E002", "does not declare its side effects", "one of SideEffects"),
        (isinstance(tool.category, Category), "E003", "is in no category", "one of Category: plans go by it"),
        (isinstance(tool.default, PolicyEffect), "E004", "has no default policy", "one of PolicyEffect"),
        (isinstance(tool.idempotent, bool), "E005", "does not say whether it is idempotent", "True or False"),
        (0 < tool.seconds <= MAX_SECONDS, "E006", f"has no time limit up to {MAX_SECONDS:g} s", "its seconds"),
        (tool.result_bytes > 0, "E007", "has no limit for its result", "its result_bytes"),
        (bool(tool.title.strip() and tool.description.strip()), "E008", "is not described", "title and description"),
        (tool.cost >= 0, "E009", "has a cost below zero", "its cost in US dollars"),
        (closed, "E010", "takes any argument", "an input derived from ToolInput"),
        (
            _has_result_kinds(tool),
            "E012",
            "does not say which kinds of data its result may hold",
            "result_kinds, of tools.base.DataKind",
        ),
        (not whose, "E011", f"takes {', '.join(sorted(whose))} from a model", "whose data it is in the context"),
    )
    return [
        _build_error(code, f"The tool {tool.name!r} {what}.", f"Declare {do}.")
        for ok, code, what, do in rules
        if not ok
    ]


def _has_result_kinds(tool: Tool[Any]) -> bool:
    return (
        isinstance(tool.result_kinds, frozenset)
        and bool(tool.result_kinds)
        and all(isinstance(kind, DataKind) for kind in tool.result_kinds)
    )


def _build_error(code: str, what: str, do: str) -> Error:
    return Error(what, hint=do, id=f"tools.{code}")
