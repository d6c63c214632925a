"""Show the result of any tool in an answer: its numbers as figures, its lists of records as tables, names as lists.

A tool needs no code here: the fields of its typed result say what there is to show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

from agents.answers.answer import Answer, AnswerKind, Figure, Shown, Table, TableColumn
from agents.answers.follow_ups import STARTERS
from core.i18n.text import Text, join_texts, text, verbatim_text
from workloads.query.result import Cell

MAX_DEPTH = 4
MAX_SAID = 5
"""Figures that the sentence names."""

MAX_FIGURES, MAX_TABLES, MAX_ROWS = 40, 6, 200


def render_result(title: str, value: object) -> tuple[tuple[Figure, ...], tuple[Table, ...]]:
    """Return the figures and tables of a tool's result: at most MAX_FIGURES and MAX_TABLES."""
    figures: list[Figure] = []
    tables: list[Table] = []
    for name, part in _iter_parts(title, value, 0):
        if isinstance(part, Table):
            tables.append(part)
        else:
            figures.append(Figure(name=name, value=part, unit=_guess_unit(name, part)))
    return tuple(figures[:MAX_FIGURES]), tuple(tables[:MAX_TABLES])


def _iter_parts(name: str, value: object, depth: int) -> Iterator[tuple[str, Cell | Table]]:
    if _is_number(value):
        yield name, _to_cell(value)
        return
    if depth > MAX_DEPTH or value is None:
        return
    if isinstance(value, list | tuple):
        table = _build_table(name, value)
        if table is not None:
            yield name, table
        return
    entries = _list_fields(value)
    if not entries:
        if isinstance(value, str | date) and str(value):
            yield name, Table(title=verbatim_text(name), columns=_columns("Value"), rows=((_to_cell(value),),))
        return
    if isinstance(value, Mapping) and len(entries) > 1 and all(_is_plain(each) for _, each in entries):
        rows = tuple((str(key), _to_cell(each)) for key, each in entries[:MAX_ROWS])
        yield name, Table(title=verbatim_text(name), columns=_columns("Name", "Value"), rows=rows)
        return
    for key, each in entries:
        yield from _iter_parts(_to_title(key), each, depth + 1)


def _build_table(name: str, values: Sequence[object]) -> Table | None:
    if not values:
        return None
    records = [_list_fields(each) for each in values[:MAX_ROWS]]
    if all(records):
        keys = list(dict.fromkeys(key for record in records for key, each in record if _is_plain(each)))
        if not keys:
            return None
        columns = tuple(TableColumn(name=verbatim_text(_to_title(key)), unit=_guess_unit(key, None)) for key in keys)
        rows = tuple(tuple(_to_cell(dict(record).get(key)) for key in keys) for record in records)
        return Table(title=verbatim_text(name), columns=columns, rows=rows)
    if all(_is_plain(each) for each in values):
        rows = tuple((_to_cell(each),) for each in values[:MAX_ROWS])
        return Table(title=verbatim_text(name), columns=_columns(name), rows=rows)
    return None


def _columns(*names: str) -> tuple[TableColumn, ...]:
    return tuple(TableColumn(name=verbatim_text(name)) for name in names)


def _list_fields(value: object) -> list[tuple[str, Any]]:
    if isinstance(value, BaseModel):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [(field.name, getattr(value, field.name)) for field in fields(value)]
    return [(str(key), each) for key, each in value.items()] if isinstance(value, Mapping) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | date | bool | Enum) or _is_number(value)


def _to_cell(value: Any) -> Cell:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Enum):
        return str(value.value)
    return value if _is_plain(value) else None


def _to_title(key: str) -> str:
    return key.replace("_", " ").strip().capitalize()


def _guess_unit(name: str, value: object) -> str:
    """Return the unit that a field's name states, "" if it states none: a figure without a unit is shown as it is."""
    words = set(name.lower().replace("_", " ").split())
    if words & {"usd", "dollars"}:
        return "usd"
    if "ms" in words:
        return "ms"
    if "share" in words:
        return "share"
    if "tokens" in words:
        return "tokens"
    if "requests" in words:
        return "requests"
    return "count" if isinstance(value, int) else ""


def compose_tool_result(tool: str, title: Text, value: object) -> Answer:
    """Return what a tool returned as an answer, or the Text of its refusal as the reason why there is none."""
    if isinstance(value, Text):
        return compose_problem(value)
    figures, tables = render_result(str(title), value)
    sentence = _describe_figures(figures[:MAX_SAID]) if figures else text("{title}: see the table.", title=title)
    shown = Shown(
        figures=tuple(range(len(figures))),
        tables=tuple(range(len(tables))),
        tool=tool,
        formula=text("what the tool “{title}” returned", title=title),
    )
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=figures, tables=tables, shown=(shown,))


def compose_problem(problem: Text) -> Answer:
    """Return why a question could not be answered."""
    return Answer(kind=AnswerKind.CANNOT, text=problem, suggestions=STARTERS)


def _describe_figures(figures: Sequence[Figure]) -> Text:
    return join_texts("; ", [verbatim_text(f"{each.name}: {each.value}") for each in figures])
