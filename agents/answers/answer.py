"""The typed answer to one question, the same for the page, the terminal and REST."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from core.i18n.text import Text
from workloads.analysis.estimate import Basis
from workloads.query.result import Cell


class AnswerKind(StrEnum):
    ANSWER = "answer"
    REPORT = "report"
    CLARIFY = "clarify"
    CANNOT = "cannot"
    TALK = "talk"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer. `text` is a short paragraph; every number in it is among the figures or in a table.

    `understood` says what was asked, as the reader should check it. `suggestions` are questions to ask next.
    """

    kind: AnswerKind
    text: Text
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    understood: tuple[Text, ...] = ()
    suggestions: tuple[str, ...] = ()


def to_plain(question: str, answer: Answer) -> dict[str, Any]:
    """Return the answer as JSON data: decimals as text, dates as ISO 8601."""
    return {
        "question": question,
        "kind": answer.kind.value,
        "text": str(answer.text),
        "figures": [
            {"name": each.name, "value": to_plain_cell(each.value), "unit": each.unit, "basis": each.basis.value}
            for each in answer.figures
        ],
        "tables": [
            {
                "title": str(table.title),
                "columns": [{"name": str(column.name), "unit": column.unit} for column in table.columns],
                "rows": [[to_plain_cell(cell) for cell in row] for row in table.rows],
            }
            for table in answer.tables
        ],
        "understood": [str(each) for each in answer.understood],
        "suggestions": list(answer.suggestions),
    }


def to_plain_cell(cell: Cell) -> str | int | float | None:
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if cell == datetime.combine(cell.date(), datetime.min.time()) else cell.isoformat()
        )
    return cell.isoformat() if isinstance(cell, date) else cell


AnswerData = Mapping[str, Any]
