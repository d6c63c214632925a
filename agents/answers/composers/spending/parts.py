"""Answers to what makes the bill: input or output, and which part of the members makes which part of it."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.claims import NO, YES
from agents.answers.composers.messages import compose_missing
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title, list_inline_dimensions
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.result import Cell, QueryResult, to_decimal


def compose_sides(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return which of input and output is more; input with what was cached and written to the cache."""
    result = results[0]
    values = {
        column.name: to_decimal(v) for column, v in zip(result.measures, result.total, strict=True) if v is not None
    }
    written = next((value for name, value in values.items() if name.startswith("output")), None)
    read = [value for name, value in values.items() if not name.startswith("output")]
    if written is None or not read:
        return compose_missing(result.missing)
    unit = str(result.measures[0].unit)
    whole = sum(read, Decimal(0))
    shown = {"input": format_figure(whole, unit), "output": format_figure(written, unit)}
    if whole == written:
        said = text("Both are the same: {input}.", input=shown["input"])
    elif unit == Unit.USD:
        said = (
            text("Input costs more: {input}, output {output}.", **shown)
            if whole > written
            else text("Output costs more: {output}, input {input}.", **shown)
        )
    else:
        said = (
            text("Input has more tokens: {input}, output {output}.", **shown)
            if whole > written
            else text("Output has more tokens: {output}, input {input}.", **shown)
        )
    kinds = [
        text("{kind} {value}", kind=get_inline_title(name), value=format_figure(value, unit))
        for name, value in values.items()
        if not name.startswith("output") and value
    ]
    made_of = (text("Input is: {kinds}.", kinds=join_texts(", ", kinds)),) if len(kinds) > 1 else ()
    figures = (
        Figure(name=str(text("Input")), value=whole, unit=unit),
        Figure(name=str(text("Output")), value=written, unit=unit),
        *(Figure(name=str(c.title), value=values[c.name], unit=unit) for c in result.measures if c.name in values),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (said, *made_of, describe_scope(reading.query))),
        figures=figures,
    )


def compose_concentration(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return how much the first part of the groups makes up: "58 of 288 users make up 69.6% of spend"."""
    result, query = results[0], reading.query
    if not result.columns:
        return compose_missing(result.missing)
    rows = [row for row in result.rows if row[0] is not None]
    total, groups = (to_decimal(cell) for cell in result.total[:2])
    if not rows or not total or not groups:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    many, column, part = get_dimension(query.by[0]).many, result.measures[0], query.limit_share or Decimal(1)
    if len(rows) < part * groups:
        return Answer(kind=AnswerKind.CANNOT, text=text("There are too many of them to add up: {many}.", many=many))
    together = sum((to_decimal(row[1]) for row in rows), Decimal(0))
    share, unit = together / total, str(column.unit)
    said = text(
        "{many}: {n} of {all} ({part}) make up {share} of the {measure}, {value} of {total}.",
        many=many,
        n=len(rows),
        all=format_figure(groups, Unit.COUNT),
        part=format_figure(len(rows) / groups, Unit.SHARE),
        share=format_figure(share, Unit.SHARE),
        measure=get_inline_title(column.name),
        value=format_figure(together, unit),
        total=format_figure(total, unit),
    )
    figures = [
        Figure(name=str(text("Share, together")), value=share, unit=Unit.SHARE),
        Figure(name=str(text("{measure}, together", measure=column.title)), value=together, unit=unit),
        Figure(name=str(column.title), value=total, unit=unit),
        Figure(name=str(many), value=len(rows), unit=Unit.COUNT),
        Figure(name=str(text("{many}, all", many=many)), value=groups, unit=Unit.COUNT),
        Figure(name=str(text("Part of them")), value=len(rows) / groups, unit=Unit.SHARE),
    ]
    is_asked = reading.reach is not None and reading.whether
    verdict = (YES if share >= (reading.reach or 0) else NO,) if is_asked else ()
    if reading.reach is not None:
        figures.append(Figure(name=str(text("share that was asked for")), value=reading.reach, unit=Unit.SHARE))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*verdict, said, describe_scope(query))),
        figures=tuple(figures),
        tables=(_tabulate(reading, result, total, together),),
    )


def _tabulate(reading: Reading, result: QueryResult, total: Decimal, together: Decimal) -> Table:
    by, column = reading.query.by[0], result.measures[0]
    columns = (
        TableColumn(name=get_dimension(by).title),
        TableColumn(name=column.title, unit=str(column.unit)),
        TableColumn(name=text("Share of {measure}", measure=column.title), unit=Unit.SHARE),
    )
    rows: list[tuple[Cell, ...]] = [
        (format_name(row[0], by), row[1], to_decimal(row[1]) / total) for row in result.rows if row[0] is not None
    ]
    if total > together:
        rows.append(("(all others)", total - together, (total - together) / total))
    title = text("{measure} by {by}", measure=column.title, by=list_inline_dimensions((by,)))
    return Table(title=title, columns=columns, rows=tuple(rows))
