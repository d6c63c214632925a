"""What the operators' tools gave, as Markdown: composed by code, so that no model leaves anything out."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import JsonValue

from netra.core.jsonable import jsonable
from netra.language.language import Language
from netra.language.saying import said
from netra.language.text import Text, text
from netra.operating.base import OperatorTool
from netra.operating.columns import COLUMNS
from netra.operating.orders import HELP
from tools.dispatcher import ToolResult
from workloads.escape import name, prose

# As JSON has our own times, which are all in UTC.
MOMENT = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(\.\d+)?(Z|\+00:00)\Z")


def answered(
    results: Sequence[ToolResult],
    refusals: Sequence[Text],
    catalog: Mapping[str, OperatorTool[Any]],
    language: Language,
) -> str:
    parts = [
        f"**{language.say(catalog[each.tool].title)}**\n\n{_shown(jsonable(said(each.value, language)), language)}"
        for each in results
    ]
    parts += [prose(language.say(refusal)) for refusal in refusals]
    return "\n\n".join(parts) if parts else language.say(HELP)


def _shown(data: JsonValue, language: Language) -> str:
    if isinstance(data, list):
        rows = [each for each in data if isinstance(each, dict)]
        return _table(rows, language) if rows else language.say(text("Nothing.")) + "\n"
    if isinstance(data, dict):
        inner = [_shown(value, language) for value in data.values() if isinstance(value, list)]
        plain = {key: value for key, value in data.items() if not isinstance(value, list)}
        lines = [f"- {_words(key, language)}: {_cell(value, language)}" for key, value in plain.items()]
        return "\n".join([*lines, "", *inner])
    return _cell(data, language)


def _table(rows: Sequence[Mapping[str, JsonValue]], language: Language) -> str:
    columns = list(rows[0])
    lines = [f"| {' | '.join(_words(column, language) for column in columns)} |", f"|{'---|' * len(columns)}"]
    lines += [f"| {' | '.join(_cell(row.get(column), language) for column in columns)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _words(column: str, language: Language) -> str:
    known = COLUMNS.get(column)
    return column.replace("_", " ") if known is None else language.say(known)


def _cell(value: JsonValue, language: Language) -> str:
    """A text may be anybody's: shown as a code span, it does nothing."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return language.say(text("yes") if value else text("no"))
    if isinstance(value, str) and (told := MOMENT.match(value)):
        return f"{told['day']} {told['time']} UTC"
    return language.number(f"{value:,}") if isinstance(value, int | float) else name(str(value))
