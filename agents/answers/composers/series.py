"""Figures over time: their trend in words, and columns with a running total or the change since the time before."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from agents.answers.answer import Answer, Chart, ChartType, Figure, TableColumn
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.period_notes import list_partial_notes, list_whole_periods
from agents.answers.phrases import name_time
from agents.language.questions import KnownLogs
from agents.language.reading import Reading, Series
from core.i18n.text import Text, join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import Cell, Column, QueryResult, to_decimal


def add_series(answer: Answer, reading: Reading, result: QueryResult, known: KnownLogs | None) -> Answer:
    """Return the answer of a table over time with another column of its first measure, which is what it says."""
    if reading.series is None or not answer.tables or len(result.rows) < 2:
        return answer
    if reading.series is Series.RUNNING:
        return _add_running(answer, reading, result)
    return _add_growth(answer, reading, result, known)


def _add_running(answer: Answer, reading: Reading, result: QueryResult) -> Answer:
    """Return the answer with the sum of the figures up to each row. An unknown figure counts as 0, as in the total."""
    column, grain = result.measures[0], reading.query.by[0]
    sums: list[Decimal] = []
    for row in result.rows:
        sums.append((sums[-1] if sums else Decimal(0)) + to_decimal(row[1]))
    title = text("{measure}, running total", measure=column.title)
    table = answer.tables[0]
    rows = tuple((*row, total) for row, total in zip(table.rows, sums, strict=True))
    columns = (*table.columns, TableColumn(name=title, unit=str(column.unit)))
    half = next(place for place, total in enumerate(sums) if 2 * total >= sums[-1])
    said = text(
        "{measure}: {total} in all by {last}. Half of it was reached by {middle} ({half}).",
        measure=column.title,
        total=format_figure(sums[-1], str(column.unit)),
        last=name_time(result.rows[-1][0], grain),
        middle=name_time(result.rows[half][0], grain),
        half=format_figure(sums[half], str(column.unit)),
    )
    return replace(
        answer,
        text=join_texts(" ", (said, describe_scope(reading.query))),
        figures=(*answer.figures, Figure(name=str(title), value=sums[-1], unit=str(column.unit))),
        tables=(replace(table, columns=columns, rows=rows), *answer.tables[1:]),
        chart=Chart(type=ChartType.LINES, table=0, x=str(table.columns[0].name), y=(str(title),)),
    )


def _add_growth(answer: Answer, reading: Reading, result: QueryResult, known: KnownLogs | None) -> Answer:
    """Return the answer with each figure's change since the one before, as a share of that one.

    It says the change of the last whole week or month, unless the question is about the whole trend.
    """
    column = result.measures[0]
    changes = [None, *(_get_change(old[1], new[1]) for old, new in pairwise(result.rows))]
    title = text("{measure}, change", measure=column.title)
    table = answer.tables[0]
    rows = tuple((*row, change) for row, change in zip(table.rows, changes, strict=True))
    columns = (*table.columns, TableColumn(name=title, unit=Unit.SHARE))
    grown = replace(answer, tables=(replace(table, columns=columns, rows=rows), *answer.tables[1:]))
    at = result.rows.index(tuple(list_whole_periods(reading, result.rows, known)[-1]))
    is_partial = at == len(rows) - 1 and bool(list_partial_notes(reading, known))
    if reading.premise or changes[at] is None or is_partial:
        return grown
    last, (before, after) = format_name(result.rows[at][0], reading.query.by[0]), result.rows[at - 1 : at + 1]
    said = text(
        "{measure}: {change} in the period from {last}, {before} before and {after} then.",
        measure=column.title,
        change=format_figure(changes[at], Unit.SHARE),
        last=last,
        before=format_figure(before[1], str(column.unit)),
        after=format_figure(after[1], str(column.unit)),
    )
    figure = Figure(name=f"{title}, {last}", value=changes[at], unit=Unit.SHARE)
    return replace(
        grown, text=join_texts(" ", (said, describe_scope(reading.query))), figures=(*answer.figures, figure)
    )


def _get_change(old: Cell, new: Cell) -> Decimal | None:
    """Return the change as a share of `old`; None where one of them is unknown, or `old` is 0."""
    if old is None or new is None or not to_decimal(old):
        return None
    return (to_decimal(new) - to_decimal(old)) / to_decimal(old)


def describe_trend(reading: Reading, result: QueryResult, known: KnownLogs | None) -> Text:
    """Return "Spend rose from $0.21 (2026-09-28) to $0.41 (2026-11-16).", from what the log has whole; for each
    measure where a change of several is asked for."""
    rows = list_whole_periods(reading, result.rows, known)
    if len(rows) < 2:
        return text("The log covers only one period of this length, so it shows no trend.")
    columns = result.measures if reading.premise == "change" else result.measures[:1]
    said = [_describe_trend(reading, column, (rows[0], rows[-1]), place + 1) for place, column in enumerate(columns)]
    return join_texts(" ", said)


def _describe_trend(reading: Reading, column: Column, rows: Sequence[Sequence[Cell]], place: int) -> Text:
    first, last = rows
    before, after = to_decimal(first[place]), to_decimal(last[place])
    dimension = reading.query.by[0]
    values = {
        "measure": column.title,
        "before": format_figure(first[place], str(column.unit)),
        "after": format_figure(last[place], str(column.unit)),
        "first": name_time(first[0], dimension),
        "last": name_time(last[0], dimension),
    }
    if after > before:
        return text("{measure} rose from {before} ({first}) to {after} ({last}).", **values)
    if after < before:
        return text("{measure} fell from {before} ({first}) to {after} ({last}).", **values)
    return text("{measure} stayed at {before}.", measure=column.title, before=values["before"])
