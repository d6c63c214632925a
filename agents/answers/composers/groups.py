"""Answers with a table of groups: rankings, and figures over time."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.contrasts import state_contrast
from agents.answers.composers.group_answers import (
    choose_chart,
    compose_count,
    compose_nothing,
    find_lead,
    is_lowest_first,
    list_named,
    title_groups,
)
from agents.answers.composers.group_remarks import correct_superlative, list_extremes, list_named_pairs, list_remarks
from agents.answers.composers.places import (
    compose_no_rank,
    compose_reach,
    count_shown,
    describe_rank,
    sum_shown,
)
from agents.answers.composers.series import describe_trend
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import add_missing, get_inline_title, name_group
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult, to_decimal

TRENDS = ("rise", "fall", "change", "double")
COMPARED = ("more than", "less than")
SHORT = frozenset({"minute", "second"})
"""Times so short that a share of the whole says nothing."""

MAX_ROWS = 300
"""Groups that are listed, unless the question sets a limit."""


def compose_groups(reading: Reading, result: QueryResult, known: KnownLogs | None = None) -> Answer:
    """Return the table of groups, with a sentence on the first one and what else the question asks of them."""
    query = reading.query
    result = _leave_out_empty(query, result)
    table = _tabulate_groups(query, result)
    if reading.counts:
        return compose_count(reading, result, table)
    if not any(row[len(query.by)] for row in result.rows):
        return compose_nothing(reading, result, table)
    first = find_lead(query, result)
    if reading.reach is not None:
        return compose_reach(reading.reach, query, result, table)
    if reading.rank is not None:
        named = list_named(query, result)
        if len(named) < reading.rank:
            return compose_no_rank(reading, len(named), table)
        first = named[reading.rank - 1]
    lead, figures = _state_lead(reading, result, first, known)
    before, after, more = list_remarks(reading, result, first)
    totals = [
        Figure(name=f"{column.title} (total)", value=value, unit=str(column.unit))
        for column, value in zip(result.measures, result.total, strict=False)
    ]
    said = (*before, lead, *after, *_describe_unnamed(query, result), describe_scope(query))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", said), result),
        figures=(*totals, *figures, *more),
        tables=(table,),
        chart=choose_chart(query, table),
    )


def _leave_out_empty(query: Query, result: QueryResult) -> QueryResult:
    """Return the result without a group that has no name and nothing of any figure: no error of successful requests."""
    width = len(query.by)
    rows = tuple(row for row in result.rows if None not in row[:width] or any(row[width:]))
    listed = replace(result.listed, rows=rows)
    return replace(result, listed=listed, groups=result.groups - len(result.rows) + len(rows))


def _tabulate_groups(query: Query, result: QueryResult) -> Table:
    rows = (
        result.rows
        if get_dimension(query.by[0]).is_time or query.limit or query.limit_share
        else result.rows[:MAX_ROWS]
    )
    return Table(
        title=title_groups(query),
        columns=tuple(TableColumn(name=column.title, unit=str(column.unit or "")) for column in result.columns),
        rows=(*(_format_row(query, row) for row in rows), *_build_rest_rows(result, len(query.by))),
    )


def _state_lead(
    reading: Reading, result: QueryResult, first: Sequence[Cell], known: KnownLogs | None
) -> tuple[Text, list[Figure]]:
    """Return the sentence on the first group, or on what the question says of it, and the figures in it."""
    query, column, value = reading.query, result.measures[0], first[len(reading.query.by)]
    name = ", ".join(format_name(cell, dimension) for cell, dimension in zip(first, query.by, strict=False))
    lead = _describe_lead(query, result, name_group(first, query.by), value)
    figures: list[Figure] = []
    if reading.contrast is not None and (pairs := list_named_pairs(query, result) or list_extremes(query, result)):
        lead, figures = state_contrast(reading.contrast, pairs)
    if reading.rank is not None:
        lead = describe_rank(reading.rank, reading, result, first)
        figures.append(Figure(name=str(text("place in the ranking")), value=reading.rank, unit=Unit.COUNT))
    if reading.together and (query.limit or query.limit_share):
        figures += sum_shown(query, result)
        part = format_figure(figures[-1].value, Unit.SHARE)
        lead = text("Together they make up {share} of the total.", share=part)
        if query.limit_share is None:
            together = format_figure(figures[-2].value, str(column.unit))
            lead = text("Together they make up {share} of the total: {value}.", share=part, value=together)
        else:
            lead = join_texts(" ", (count_shown(query, result, figures), lead))
    if reading.premise in TRENDS:
        lead = join_texts(" ", (describe_trend(reading, result, known), lead))
    elif reading.premise and reading.premise not in COMPARED:
        lead = correct_superlative(reading, result, first)
    figures.append(Figure(name=f"{column.title}, {name}", value=value, unit=str(column.unit)))
    if MEASURES[column.name].is_sum and result.total[0] and len(result.rows) > 1:
        share = to_decimal(value) / to_decimal(result.total[0])
        figures.append(Figure(name=str(text("Share of the total, {name}", name=name)), value=share, unit=Unit.SHARE))
    return lead, figures


def _describe_lead(query: Query, result: QueryResult, name: Text, value: Cell) -> Text:
    """Return "Platform has the highest spend: $34.79 (44.2% of $78.72)."."""
    column = result.measures[0]
    shown, title = format_figure(value, str(column.unit)), get_inline_title(column.name)
    if len(result.rows) == 1:
        return text("{name}: {measure} {value}.", name=name, measure=title, value=shown)
    if is_lowest_first(query):
        return text("{name} has the lowest {measure}: {value}.", name=name, measure=title, value=shown)
    is_part = MEASURES[column.name].is_sum and not set(query.by) & SHORT
    total = to_decimal(result.total[0]) if is_part else Decimal(0)
    if not total:
        return text("{name} has the highest {measure}: {value}.", name=name, measure=title, value=shown)
    return text(
        "{name} has the highest {measure}: {value} ({share} of {total}).",
        name=name,
        measure=title,
        value=shown,
        share=format_figure(to_decimal(value) / total, Unit.SHARE),
        total=format_figure(total, str(column.unit)),
    )


def _describe_unnamed(query: Query, result: QueryResult) -> tuple[Text, ...]:
    """Return "No value for “User”: $39.12 (19.5%)." for a sum with requests that have no value of the dimension."""
    column, dimension = result.measures[0], get_dimension(query.by[0])
    value = next((row[1] for row in result.rows if row[0] is None), None) if len(query.by) == 1 else None
    total = to_decimal(result.total[0])
    if len(result.rows) < 2 or value is None or dimension.is_time or not MEASURES[column.name].is_sum or not total:
        return ()
    shown = format_figure(value, str(column.unit))
    share = format_figure(to_decimal(value) / total, Unit.SHARE)
    return (
        text("No value for “{dimension}”: {value} ({share}).", dimension=dimension.title, value=shown, share=share),
    )


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
