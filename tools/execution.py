"""Validation and preview of a call's arguments, which are untrusted until they fit the tool's input; then the admitted
tool runs within its time limit, and its errors are explained to the caller."""

import asyncio
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pydantic import JsonValue, ValidationError

from core.db import is_database_away
from core.exceptions import OperatorError, UserError
from core.i18n.text import join_texts, text, verbatim_text
from core.json_data import to_jsonable, to_storable, truncate_json
from tools.admission import CallAdmission
from tools.base import Tool, ToolContext, ToolInput, ToolSpec
from tools.errors import InvalidArguments, NeedsApproval, ToolFailed, ToolTimeout

log = logging.getLogger(__name__)

MAX_DEPTH = 50
"""Levels of nested lists and objects. No tool takes anything deeper."""

MAX_CHARACTERS = 100_000
"""Characters of JSON. A tool's error may quote its arguments, and must fit into an event."""

MAX_ARGUMENT_BYTES = 8_000  # of JSON, shown to the user
MAX_SHORT_ARGUMENTS, MAX_SHORT_LENGTH = 30, 100
"""How many arguments stay beside the preview of all of them, and of how many characters."""


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


def shorten_arguments(arguments: JsonValue) -> JsonValue:
    """Cut what is too long to a preview. Short texts stay as they are: whoever deletes a log looks for its id here."""
    shown, is_cut = truncate_json(arguments, MAX_ARGUMENT_BYTES)
    if not (is_cut and isinstance(arguments, dict) and isinstance(shown, dict)):
        return shown
    texts = ((name, value) for name, value in arguments.items() if isinstance(value, str))
    short = [(name, value) for name, value in texts if max(len(name), len(value)) <= MAX_SHORT_LENGTH]
    kept, _ = truncate_json(dict(short[:MAX_SHORT_ARGUMENTS]), MAX_ARGUMENT_BYTES)
    return {**kept, **shown} if isinstance(kept, dict) else shown


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


async def run_within_time_limit(tool: Tool[Any], arguments: ToolInput, tool_context: ToolContext) -> Any:
    """Return the tool's value. Raises ToolFailed, and ToolTimeout at the tool's time limit, where it is stopped."""
    try:
        async with asyncio.timeout(tool.seconds):
            with explain_errors(tool):
                return await tool.run(arguments, tool_context)
    except TimeoutError as error:
        message = text(
            "{tool} exceeded its time limit of {seconds:g} s and was stopped.", tool=tool.title, seconds=tool.seconds
        )
        raise ToolTimeout(message) from error


@contextmanager
def explain_errors(tool: ToolSpec[Any]) -> Iterator[None]:
    """Raise ToolFailed instead of any error, with a message for the caller."""
    try:
        yield
    except (UserError, OperatorError) as error:
        raise ToolFailed(verbatim_text(str(error))) from error
    except Exception as error:
        if is_database_away(error):
            raise  # nothing is wrong with the call: its run is tried again
        # The caller gets a number, under which the operators find the details in the server's log.
        reference = uuid4().hex[:8]
        log.exception("tool %s failed (reference %s)", tool.name, reference)
        message = text(
            "{what} failed because of an internal error (reference {reference}).", what=tool.title, reference=reference
        )
        raise ToolFailed(message) from error
