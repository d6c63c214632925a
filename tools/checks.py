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
"""Arguments that say whose data a tool works on, or where it is. The context says that, never a model."""

MAX_SECONDS = 600.0  # seconds


def check_tools(**_: Any) -> Sequence[CheckMessage]:
    return find_faults(DECLARED_TOOLS)


def find_faults(tools: Sequence[Tool[Any]]) -> list[Error]:
    found = [
        _build_error("E001", f"Several tools are named {name!r}.", "Rename all but one.")
        for name, count in Counter(tool.name for tool in tools).items()
        if count > 1
    ]
    for tool in tools:
        found += _check_tool(tool)
    return found


def _check_tool(tool: Tool[Any]) -> list[Error]:
    owners = OWNERSHIP_ARGUMENTS & set(tool.schema.get("properties", {}))
    is_closed = tool.schema.get("additionalProperties") is False
    rules = (
        (
            isinstance(tool.side_effects, SideEffects),
            "E002",
            "does not declare its side effects",
            "Declare one of SideEffects.",
        ),
        (
            isinstance(tool.category, Category),
            "E003",
            "has no category",
            "Declare one of Category: plans include tools by category.",
        ),
        (isinstance(tool.default, PolicyEffect), "E004", "has no default policy", "Declare one of PolicyEffect."),
        (
            isinstance(tool.idempotent, bool),
            "E005",
            "does not declare whether it is idempotent",
            "Declare True or False.",
        ),
        (
            0 < tool.seconds <= MAX_SECONDS,
            "E006",
            f"has no time limit of at most {MAX_SECONDS:g} s",
            "Declare its seconds.",
        ),
        (tool.result_bytes > 0, "E007", "has no size limit for its result", "Declare its result_bytes."),
        (
            bool(tool.title.strip() and tool.description.strip()),
            "E008",
            "has no title or no description",
            "Declare both.",
        ),
        (tool.cost >= 0, "E009", "has a negative cost", "Declare its cost in US dollars."),
        (is_closed, "E010", "accepts undeclared arguments", "Derive its input from ToolInput."),
        (
            _has_result_kinds(tool),
            "E012",
            "does not declare which kinds of data its result may contain",
            "Declare result_kinds, of tools.base.DataKind.",
        ),
        (not owners, "E011", f"takes {', '.join(sorted(owners))} from a model", "Use the context's instead."),
    )
    return [_build_error(code, f"The tool {tool.name!r} {fault}.", hint) for ok, code, fault, hint in rules if not ok]


def _has_result_kinds(tool: Tool[Any]) -> bool:
    return (
        isinstance(tool.result_kinds, frozenset)
        and bool(tool.result_kinds)
        and all(isinstance(kind, DataKind) for kind in tool.result_kinds)
    )


def _build_error(code: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"tools.{code}")
