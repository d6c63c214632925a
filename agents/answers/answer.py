"""The typed answer to one question, the same for the page, the terminal and REST. Its JSON: docs/answers.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter

from agents.answers.backing.matching import UnbackedNumber
from agents.answers.formatting import escape_text
from core.i18n.language import ENGLISH, Language
from core.i18n.text import Text
from workloads.analysis.estimate import Basis
from workloads.query.query import Query
from workloads.query.result import Cell

_QUERY_ADAPTER = TypeAdapter(Query)


class AnswerKind(StrEnum):
    ANSWER = "answer"
    REPORT = "report"
    CLARIFY = "clarify"
    CANNOT = "cannot"
    TALK = "talk"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure with its unit (workloads.query.measures.Unit) and basis."""

    name: str
    value: Cell
    unit: str
    basis: Basis = Basis.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """A column; `unit` is empty for names and dates."""

    name: Text
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    title: Text
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]


class ChartType(StrEnum):
    BARS = "bars"
    LINES = "lines"
    SHARES = "shares"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing of the table with the index `table`: its column `x` along the axis, its columns `y` as values."""

    type: ChartType
    table: int
    x: str
    y: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A question that can be asked with a click: what the button says, and the question."""

    label: str
    ask: str


class ChipKind(StrEnum):
    MEASURE = "measure"
    BY = "by"
    FILTER = "filter"
    PERIOD = "period"
    COMPARE = "compare"
    CONDITION = "condition"
    UNREAD = "unread"  # what was not understood


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One thing that was understood. Each option is a follow-up question that changes only that."""

    kind: ChipKind
    label: Text
    options: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How the figures and tables with these indices were computed.

    `query` is the filter of the requests behind them: they can be listed if it is not None and `rows` is true.
    `tool` is the tool that computed them.
    """

    figures: tuple[int, ...] = ()
    tables: tuple[int, ...] = ()
    tool: str = ""
    formula: Text
    sql: str = ""
    query: Query | None = None
    rows: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer. `text` is a short paragraph; every number in it is among the figures or in a table.

    `understood` says what was asked, as the reader should check it. `choices` answer the question of a "clarify".
    `suggestions` are questions to ask next. `notes` are limits of the answer and corrections of a premise.
    `worded_by` is the language model that wrote the text, which is then Markdown; `unbacked` are numbers in it that no
    result backs.
    """

    kind: AnswerKind
    text: Text
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: Chart | None = None
    understood: tuple[Chip, ...] = ()
    choices: tuple[Choice, ...] = ()
    suggestions: tuple[str, ...] = ()
    shown: tuple[Shown, ...] = ()
    notes: tuple[Text, ...] = ()
    worded_by: str = ""
    unbacked: tuple[UnbackedNumber, ...] = ()


AnswerData = Mapping[str, Any]
"""An answer as JSON data."""


def to_plain(question: str, answer: Answer, language: Language = ENGLISH) -> dict[str, Any]:
    """Return the answer as JSON data in a language: decimals as text, dates as ISO 8601.

    `text` and `notes` are Markdown; all other texts are plain, and may contain names from the log.
    """
    say = language.translate
    return {
        "question": question,
        "kind": answer.kind.value,
        "text": say(escape_text(answer.text)),
        "figures": [
            {"name": say(each.name), "value": to_plain_cell(each.value), "unit": each.unit, "basis": each.basis.value}
            for each in answer.figures
        ],
        "tables": [_table_to_plain(table, language) for table in answer.tables],
        "chart": answer.chart
        and {
            "type": answer.chart.type.value,
            "table": answer.chart.table,
            "x": say(answer.chart.x),
            "y": [say(name) for name in answer.chart.y],
        },
        "understood": [
            {"kind": each.kind.value, "label": say(each.label), "options": _choices_to_plain(each.options, language)}
            for each in answer.understood
        ],
        "choices": _choices_to_plain(answer.choices, language),
        "suggestions": [say(each) for each in answer.suggestions],
        "shown": [_shown_to_plain(each, language) for each in answer.shown],
        "notes": [say(escape_text(each)) for each in answer.notes],
        "worded_by": answer.worded_by,
        "unbacked": [{"start": each.start, "end": each.end, "text": each.text} for each in answer.unbacked],
    }


def _table_to_plain(table: Table, language: Language) -> dict[str, Any]:
    return {
        "title": language.translate(table.title),
        "columns": [{"name": language.translate(column.name), "unit": str(column.unit)} for column in table.columns],
        "rows": [[to_plain_cell(_translate_cell(cell, language)) for cell in row] for row in table.rows],
    }


def _choices_to_plain(choices: tuple[Choice, ...], language: Language) -> list[dict[str, str]]:
    return [{"label": language.translate(each.label), "ask": language.translate(each.ask)} for each in choices]


def _shown_to_plain(shown: Shown, language: Language) -> dict[str, Any]:
    return {
        "figures": list(shown.figures),
        "tables": list(shown.tables),
        "tool": shown.tool,
        "formula": language.translate(shown.formula),
        "sql": shown.sql,
        "query": None if shown.query is None else _QUERY_ADAPTER.dump_python(shown.query, mode="json"),
        "rows": shown.rows,
    }


def _translate_cell(cell: Cell, language: Language) -> Cell:
    return language.translate(cell) if isinstance(cell, str) else cell


def to_plain_cell(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, datetime):
        is_day = cell == datetime.combine(cell.date(), datetime.min.time(), cell.tzinfo)
        return cell.date().isoformat() if is_day else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else cell
