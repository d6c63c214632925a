"""Answers with a table of groups: rankings, and figures over time."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Chip, Figure, Table, TableColumn
from agents.answers.formatting import format_figure, format_name
from agents.answers.scope_text import add_missing, describe_scope
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult

MAX_ROWS = 300
"""Groups that are listed, unless the question sets a limit."""


def compose_groups(reading: Reading, result: QueryResult, understood: tuple[Chip, ...]) -> Answer:
    query = reading.query
    width = len(query.by)
    rows = result.rows if DIMENSIONS[query.by[0]].is_time or query.limit else result.rows[:MAX_ROWS]
    table = Table(
        title=_title_groups(query),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in result.columns),
        rows=(*(_format_row(query, row) for row in rows), *_build_rest_rows(result, width)),
    )
    figures = [
        Figure(name=f"{column.title} (total)", value=value, unit=str(column.unit))
        for column, value in zip(result.measures, result.total, strict=False)
    ]
    if not result.rows:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."), understood=understood)
    first = result.rows[0]
    if DIMENSIONS[query.by[0]].is_time and query.order is None:
        first = max(result.rows, key=lambda row: Decimal(str(row[width] or 0)))
    name = ", ".join(format_name(value, dimension) for value, dimension in zip(first[:width], query.by, strict=False))
    lead = _describe_lead(reading, result, name, first[width])
    if reading.together and query.limit:
        figures += _sum_shown(query, result)
        share = figures[-1]
        lead = text("Together they make up {share} of the total.", share=format_figure(share.value, share.unit))
    if reading.premise and reading.premise not in ("rise", "fall"):
        lead = _correct_superlative(reading, result, first)
    figures.append(
        Figure(name=f"{result.measures[0].title}, {name}", value=first[width], unit=str(result.measures[0].unit))
    )
    if width == 1 and not DIMENSIONS[query.by[0]].is_time:
        named = result.groups - any(row[0] is None for row in result.rows)
        figures.append(Figure(name=str(DIMENSIONS[query.by[0]].many), value=named, unit=Unit.COUNT))
        lead = join_texts(" ", (lead, text("{many}: {n}.", many=DIMENSIONS[query.by[0]].many, n=named)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (lead, describe_scope(query))), result),
        figures=tuple(figures),
        tables=(table,),
        understood=understood,
    )


def _correct_superlative(reading: Reading, result: QueryResult, first: Sequence[Cell]) -> Text:
    column = result.measures[0]
    named = next((row for row in result.rows if row[0] == reading.premise), None)
    if named is None or named[0] == first[0]:
        return text(
            "{name} has the most: {value}.", name=str(first[0]), value=format_figure(first[1], str(column.unit))
        )
    return text(
        "That's not so: {first} has the most ({most}); {name} has {value}.",
        first=str(first[0]),
        most=format_figure(first[1], str(column.unit)),
        name=reading.premise,
        value=format_figure(named[1], str(column.unit)),
    )


def _describe_lead(reading: Reading, result: QueryResult, name: str, value: Cell) -> Text:
    query = reading.query
    column = result.measures[0]
    shown = format_figure(value, str(column.unit))
    if query.order is not None and not query.order.descending:
        return text("{name} has the lowest {measure}: {value}.", name=name, measure=column.title, value=shown)
    return text("{name} has the highest {measure}: {value}.", name=name, measure=column.title, value=shown)


def _sum_shown(query: Query, result: QueryResult) -> list[Figure]:
    width = len(query.by)
    column = result.measures[0]
    shown = sum((Decimal(str(row[width] or 0)) for row in result.rows), Decimal(0))
    total = Decimal(str(result.total[0] or 0))
    return [
        Figure(name=str(text("{measure}, together", measure=column.title)), value=shown, unit=str(column.unit)),
        Figure(name=str(text("Share, together")), value=shown / total if total else None, unit=Unit.SHARE),
    ]


def _build_rest_rows(result: QueryResult, width: int) -> tuple[tuple[Cell, ...], ...]:
    """Return the row of all groups beyond the limit, if there are any."""
    if result.rest is None:
        return ()
    extra = len(result.columns) - width - len(result.rest)
    return (("(all others)", *("" for _ in range(width - 1)), *result.rest, *(None for _ in range(extra))),)


def _format_row(query: Query, row: Sequence[Cell]) -> tuple[Cell, ...]:
    width = len(query.by)
    names = tuple(format_name(value, dimension) for value, dimension in zip(row[:width], query.by, strict=False))
    return (*names, *row[width:])


def _title_groups(query: Query) -> Text:
    measures = join_texts(", ", [MEASURES[name].title for name in query.measures])
    by = join_texts(", ", [DIMENSIONS[name].title for name in query.by])
    return text("{measures} by {by}", measures=measures, by=by)
