"""Conversion and validation of a call's arguments, which are untrusted until they fit the tool's input."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from core.i18n.text import join_texts, text
from core.json_data import to_jsonable, to_storable
from tools.admission import CallAdmission
from tools.base import ToolInput, ToolSpec
from tools.errors import InvalidArguments, NeedsApproval

MAX_DEPTH = 50
"""Levels of nested lists and objects. No tool takes anything deeper."""
MAX_CHARACTERS = 100_000
"""Characters of JSON. A tool's error may quote its arguments, and must fit into an event."""


def to_json_data(arguments: Mapping[str, Any]) -> JsonValue:
    """Return the arguments as JSON data that can be stored, shown and compared; a note if they are not JSON data."""
    if _measure_depth(arguments) > MAX_DEPTH:
        return {"unreadable": f"nested more than {MAX_DEPTH} levels deep"}
    try:
        data = to_jsonable({to_storable(str(name)): value for name, value in arguments.items()})
        size = len(json.dumps(data))
    except (TypeError, ValueError):
        return {"unreadable": "not JSON data"}
    return data if size <= MAX_CHARACTERS else {"unreadable": f"larger than {MAX_CHARACTERS:,} characters of JSON"}


def parse_arguments(tool: ToolSpec[Any], arguments: JsonValue) -> ToolInput | InvalidArguments:
    """Return the input, or the error, which is raised only for users who may call the tool."""
    try:
        valid: ToolInput = tool.input.model_validate(arguments)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, item['loc']))[:100]}: {item['msg']}" for item in error.errors()[:5])
        return InvalidArguments(text("Invalid arguments for {tool}: {wrong}.", tool=tool.name, wrong=wrong))
    return valid


def ensure_approved(valid: ToolInput | InvalidArguments, admission: CallAdmission) -> ToolInput:
    """Return a valid, approved input. Raises InvalidArguments, and NeedsApproval: nobody can approve yet."""
    if isinstance(valid, InvalidArguments):
        raise valid
    if admission.approval_reason is not None:
        why = text("Netra doesn't support approvals yet, so the call was not made.")
        raise NeedsApproval(
            join_texts(" ", (admission.approval_reason, why)), rule=admission.rule, version=admission.version
        )
    return valid


def _measure_depth(value: object) -> int:
    """Count levels, up to MAX_DEPTH + 1. Without recursion, which has a limit of its own."""
    level, depth = [value], 0
    while depth <= MAX_DEPTH:
        level = [inner for container in level for inner in _list_containers(container)]
        if not level:
            return depth
        depth += 1
    return depth


def _list_containers(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [inner for inner in value.values() if isinstance(inner, Mapping | list | tuple)]
    if isinstance(value, list | tuple):
        return [inner for inner in value if isinstance(inner, Mapping | list | tuple)]
    return []
