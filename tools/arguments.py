"""Conversion and validation of a call's arguments, which are untrusted until they fit the tool's input."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue, ValidationError

from core.i18n.text import join_texts, text
from core.json_data import to_jsonable, to_storable
from tools.admission import CallAdmission
from tools.base import Tool, ToolInput
from tools.errors import InvalidArguments, NeedsApproval

MAX_DEPTH = 50
"""Levels of lists and objects within one another; what goes deeper is nothing that a tool takes."""
MAX_CHARACTERS = 100_000
"""Characters of JSON. What a tool says of its arguments is told too, and has to fit into an event."""


def to_json_data(arguments: Mapping[str, Any]) -> JsonValue:
    """As JSON data that can be stored, told and compared; a note in their place where they are none."""
    if _measure_depth(arguments) > MAX_DEPTH:
        return {"unreadable": f"nested more than {MAX_DEPTH} levels deep"}
    try:
        data = to_jsonable({to_storable(str(name)): value for name, value in arguments.items()})
        size = len(json.dumps(data))
    except (TypeError, ValueError):
        return {"unreadable": "no JSON data"}
    return data if size <= MAX_CHARACTERS else {"unreadable": f"larger than {MAX_CHARACTERS:,} characters of JSON"}


def parse_arguments(tool: Tool[Any], arguments: JsonValue) -> ToolInput | InvalidArguments:
    """The tool's input, or what is wrong with it: said only to who may call the tool at all."""
    try:
        valid: ToolInput = tool.input.model_validate(arguments)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))[:100]}: {each['msg']}" for each in error.errors()[:5])
        return InvalidArguments(text("The arguments of {tool} do not fit: {wrong}.", tool=tool.name, wrong=wrong))
    return valid


def ensure_approved(valid: ToolInput | InvalidArguments, admitted: CallAdmission) -> ToolInput:
    """Raises InvalidArguments, and NeedsApproval as long as nobody can be asked."""
    if isinstance(valid, InvalidArguments):
        raise valid
    if admitted.approval_reason is not None:
        why = text("Approvals cannot be given in Netra yet, so it was not done.")
        raise NeedsApproval(
            join_texts(" ", (admitted.approval_reason, why)), rule=admitted.rule, version=admitted.version
        )
    return valid


def _measure_depth(value: object) -> int:
    """Levels, as far as DEEPEST and one more; without recursion, as that has a limit of its own."""
    level, deep = [value], 0
    while deep <= MAX_DEPTH:
        level = [inner for each in level for inner in _list_containers(each)]
        if not level:
            return deep
        deep += 1
    return deep


def _list_containers(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return [each for each in value.values() if isinstance(each, Mapping | list | tuple)]
    if isinstance(value, list | tuple):
        return [each for each in value if isinstance(each, Mapping | list | tuple)]
    return []
