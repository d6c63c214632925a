"""What the operators' tools gave, as Markdown: composed by code, so that no model leaves anything out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from netra.core.jsonable import jsonable
from netra.operating.base import OperatorTool
from netra.operating.orders import HELP
from tools.dispatcher import ToolResult
from workloads.escape import name, prose

# As JSON has our own times, which are all in UTC.
MOMENT = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)\Z")


def answered(results: Sequence[ToolResult], refusals: Sequence[str], catalog: Mapping[str, OperatorTool[Any]]) -> str:
    parts = [f"**{catalog[each.tool].title}**\n\n{_shown(jsonable(each.value))}" for each in results]
    parts += [prose(refusal) for refusal in refusals]
    return "\n\n".join(parts) if parts else HELP


def _shown(data: JsonValue) -> str:
    if isinstance(data, list):
        rows = [each for each in data if isinstance(each, dict)]
        return _table(rows) if rows else "Nothing.\n"
    if isinstance(data, dict):
        inner = [f"{_shown(value)}" for value in data.values() if isinstance(value, list)]
        plain = {key: value for key, value in data.items() if not isinstance(value, list)}
        return "\n".join([f"- {_words(key)}: {_cell(value)}" for key, value in plain.items()] + ["", *inner])
    return _cell(data)


def _table(rows: Sequence[Mapping[str, JsonValue]]) -> str:
    columns = list(rows[0])
    lines = [f"| {' | '.join(_words(column) for column in columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(row.get(column)) for column in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _words(column: str) -> str:
    return column.replace("_", " ")


def _cell(value: JsonValue) -> str:
    """A text may be anybody's: shown as a code span, it does nothing."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str) and (told := MOMENT.match(value)):
        return f"{told['day']} {told['time']} UTC"
    return f"{value:,}" if isinstance(value, int | float) else name(str(value))
