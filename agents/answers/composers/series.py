"""What a table of figures over time shows beside them: their running total, or their change since the time before."""

from dataclasses import replace
from decimal import Decimal
from itertools import pairwise

from agents.answers.answer import Answer, Chart, ChartType, Figure, TableColumn
from agents.answers.formatting import format_figure, format_name
from agents.answers.scope_text import describe_scope
from agents.language.reading import Reading, Series
from core.i18n.text import join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import QueryResult, to_decimal


def add_series(answer: Answer, reading: Reading, result: QueryResult) -> Answer:
    """Return the answer of a table over time with another column of its first measure, which is what it says."""
    if reading.series is None or not answer.tables or len(result.rows) < 2:
        return answer
    return (
        _add_running(answer, reading, result)
        if reading.series is Series.RUNNING
        else _add_growth(answer, reading, result)
    )


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
        last=format_name(result.rows[-1][0], grain),
        middle=format_name(result.rows[half][0], grain),
        half=format_figure(sums[half], str(column.unit)),
    )
    return replace(
        answer,
        text=join_texts(" ", (said, describe_scope(reading.query))),
        figures=(*answer.figures, Figure(name=str(title), value=sums[-1], unit=str(column.unit))),
        tables=(replace(table, columns=columns, rows=rows), *answer.tables[1:]),
        chart=Chart(type=ChartType.LINES, table=0, x=str(table.columns[0].name), y=(str(title),)),
    )


def _add_growth(answer: Answer, reading: Reading, result: QueryResult) -> Answer:
    """Return the answer with each figure's change since the one before, as a share of that one."""
    column, grain = result.measures[0], reading.query.by[0]
    values = [to_decimal(row[1]) for row in result.rows]
    changes = [None, *(None if not old else (new - old) / old for old, new in pairwise(values))]
    title = text("{measure}, change", measure=column.title)
    table = answer.tables[0]
    rows = tuple((*row, change) for row, change in zip(table.rows, changes, strict=True))
    columns = (*table.columns, TableColumn(name=title, unit=Unit.SHARE))
    last = format_name(result.rows[-1][0], grain)
    said = text(
        "{measure} changed by {change} in the last one, {last}: from {before} to {after}.",
        measure=column.title,
        change=format_figure(changes[-1], Unit.SHARE),
        last=last,
        before=format_figure(values[-2], str(column.unit)),
        after=format_figure(values[-1], str(column.unit)),
    )
    figure = Figure(name=f"{title}, {last}", value=changes[-1], unit=Unit.SHARE)
    return replace(
        answer,
        text=join_texts(" ", (said, describe_scope(reading.query))),
        figures=(*answer.figures, figure),
        tables=(replace(table, columns=columns, rows=rows), *answer.tables[1:]),
    )
