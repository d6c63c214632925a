"""An answer as Markdown: its text, tables and notes, for the terminal, the export and clients without a page."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from agents.answers.answer import AnswerData
from agents.answers.formatting import format_json_rows
from core.i18n.language import ENGLISH, Language
from core.i18n.text import FormattedNumber
from workloads.report.escaping import escape_prose
from workloads.report.formatting import render_table

MAX_ROWS = 30
"""Rows that are shown of a table; the JSON has all of them."""


def to_markdown(answer: AnswerData, language: Language = ENGLISH) -> str:
    """Return an answer's JSON data as Markdown, with numbers in the language's form."""
    parts = [answer["text"]]
    parts += ["\n".join(_render_table(table, language)) for table in answer["tables"]]
    parts += answer["notes"]
    asks = [f"- {escape_prose(each['label'])}" for each in answer["choices"]]
    return "\n\n".join((*parts, *(("\n".join(asks),) if asks else ()))) + "\n"


def _render_table(table: Mapping[str, Any], language: Language) -> Iterator[str]:
    columns: Sequence[Mapping[str, str]] = table["columns"]
    yield f"**{escape_prose(table['title'])}**"
    yield ""
    head = tuple(escape_prose(column["name"]) for column in columns)
    cells = format_json_rows(table["rows"][:MAX_ROWS], [column["unit"] for column in columns])
    rows = (tuple(_render_cell(cell, language) for cell in row) for row in cells)
    yield from render_table(head, rows)
    hidden = len(table["rows"]) - MAX_ROWS
    if hidden > 0:
        yield ""
        yield f"… +{hidden:,}"


def _render_cell(shown: str, language: Language) -> str:
    return language.translate(shown) if isinstance(shown, FormattedNumber) else escape_prose(shown)
