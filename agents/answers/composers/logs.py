"""Answers that set two logs side by side: their groups, with what is new and what is gone, and means per day."""

from collections.abc import Sequence
from dataclasses import replace

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.changes import compose_change
from agents.answers.composers.comparisons import compose_comparison
from agents.answers.follow_ups import STARTERS, describe_reading
from agents.answers.formatting import format_figure, format_name
from agents.answers.spoken_asks import speak_asks
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.change.sides import Change
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, Column, Comparison, QueryResult

MAX_NAMED = 10


def compose_logs(reading: Reading, result: object) -> Answer:
    """Return the answer to the same query of two logs, or to why they differ. A Text is the tool's refusal."""
    match result:
        case Comparison():
            answer = _compose_comparison(reading, result.before, result.after)
        case Change():
            answer = compose_change(reading, result, reading.parts)
        case Text():
            return Answer(kind=AnswerKind.CANNOT, text=result, suggestions=STARTERS)
        case _:
            raise TypeError(f"no answer about two logs from {type(result).__name__}")
    whole = replace(answer, understood=describe_reading(reading), suggestions=STARTERS)
    return speak_asks(whole, reading.language)


def _compose_comparison(reading: Reading, before: QueryResult, after: QueryResult) -> Answer:
    query = reading.parts[0].query
    if not before.columns or not after.columns:
        return compose_comparison(reading, (before, after))
    if query.statistics:
        return _compose_means(reading, before, after)
    totals = compose_comparison(reading, (before, after))
    return _compose_groups(reading, totals, before, after) if query.by else totals


def _compose_means(reading: Reading, before: QueryResult, after: QueryResult) -> Answer:
    query = reading.parts[0].query
    dimension = get_dimension(query.by[0])
    figures = [
        Figure(
            name=f"{column.title} per {dimension.name}, {part.label}",
            value=result.rows[0][place + 1] if result.rows else None,
            unit=f"usd_per_{dimension.name}" if column.unit == Unit.USD else str(column.unit),
        )
        for part, result in zip(reading.parts, (before, after), strict=True)
        for place, column in enumerate(result.measures)
    ]
    sentences = [
        text("{name}: {value}.", name=each.name, value=format_figure(each.value, each.unit)) for each in figures
    ]
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", sentences), figures=tuple(figures))


def _compose_groups(reading: Reading, totals: Answer, before: QueryResult, after: QueryResult) -> Answer:
    query = reading.parts[0].query
    rows = _list_rows(query, before, after)
    labels = tuple(part.label for part in reading.parts)
    table = Table(
        title=text("The two logs"),
        columns=(
            *(TableColumn(name=get_dimension(name).title) for name in query.by),
            *(column for measure in before.measures for column in _list_columns(measure, labels)),
        ),
        rows=rows,
    )
    old, new = (_index(query, result) for result in (before, after))
    changed = _describe_change(query, [key for key in new if key not in old], [key for key in old if key not in new])
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*changed, totals.text)),
        figures=totals.figures,
        tables=(table,),
    )


def _list_rows(query: Query, before: QueryResult, after: QueryResult) -> tuple[tuple[Cell, ...], ...]:
    """Return a row for each group of either log, with each figure of the first log beside that of the second."""
    old, new = _index(query, before), _index(query, after)
    absent = _list_absent(query, before), _list_absent(query, after)
    return tuple(
        (
            *(format_name(value, name) for value, name in zip(key, query.by, strict=True)),
            *(
                cell
                for i in range(len(before.measures))
                for cell in (old.get(key, absent[0])[i], new.get(key, absent[1])[i])
            ),
        )
        for key in dict.fromkeys((*new, *old))
    )


def _index(query: Query, result: QueryResult) -> dict[tuple[Cell, ...], tuple[Cell, ...]]:
    width = len(query.by)
    return {row[:width]: row[width:] for row in result.rows}


def _list_absent(query: Query, result: QueryResult) -> tuple[Cell, ...]:
    """Return the figures of a group that a log doesn't have: sums are 0 if all of its groups are known."""
    is_complete = result.groups <= len(result.rows)
    return tuple(0 if is_complete and MEASURES[column.name].is_sum else None for column in result.measures)


def _list_columns(measure: Column, labels: Sequence[str]) -> tuple[TableColumn, ...]:
    return tuple(
        TableColumn(name=text("{measure}, {log}", measure=measure.title, log=label), unit=str(measure.unit))
        for label in labels
    )


def _describe_change(query: Query, new: Sequence[tuple[Cell, ...]], gone: Sequence[tuple[Cell, ...]]) -> list[Text]:
    if len(query.by) != 1:
        return []
    found = []
    if new:
        found.append(text("New: {names}.", names=_join_names(query.by[0], new)))
    if gone:
        found.append(text("Gone: {names}.", names=_join_names(query.by[0], gone)))
    return found


def _join_names(dimension: str, keys: Sequence[tuple[Cell, ...]]) -> str:
    more = ", …" if len(keys) > MAX_NAMED else ""
    return ", ".join(format_name(key[0], dimension) for key in keys[:MAX_NAMED]) + more
