"""Answers that set two or more results side by side, and say which groups are new in a period or not used any more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.messages import compose_missing
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import state_figures
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.query import Query
from workloads.query.result import Cell, Column, QueryResult, to_decimal

Groups = Mapping[tuple[str, ...], Cell]
"""The first measure of each group, by its names."""

MAX_NAMES = 10
"""Groups that the sentence names; the table has all of them."""

Names = Collection[tuple[str, ...]]


def compose_comparison(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return two or more results side by side, with differences if there are two."""
    if not results[0].columns:
        return compose_missing(results[0].missing)
    query = reading.parts[0].query
    if query.by and not query.statistics:
        return _compose_compared_groups(reading, results)
    results = [_take_statistic(each) if query.statistics else each for each in results]
    labels = [part.label for part in reading.parts]
    columns = results[0].measures
    rows = [(label, *result.total) for label, result in zip(labels, results, strict=True)]
    figures = [
        Figure(name=f"{column.title}, {label}", value=value, unit=str(column.unit))
        for label, result in zip(labels, results, strict=True)
        for column, value in zip(columns, result.total, strict=True)
    ]
    sentences = [_state_part(label, columns, result) for label, result in zip(labels, results, strict=True)]
    if len(results) == 2:
        changes = [
            (column, to_decimal(before), to_decimal(after))
            for column, before, after in zip(columns, results[0].total, results[1].total, strict=True)
            if before is not None and after is not None
        ]
        figures += [figure for change in changes for figure in _list_differences(*change)]
        is_in_time = reading.parts[0].query.where == reading.parts[1].query.where
        describe = _describe_difference if is_in_time else _describe_gap
        sentences = [describe(*change, labels) for change in changes] or sentences
        sentences = [*_correct_premise(reading.premise, changes), *sentences]
    table = Table(
        title=text("Comparison"),
        columns=(
            TableColumn(name=text("What")),
            *(TableColumn(name=column.title, unit=str(column.unit)) for column in columns),
        ),
        rows=tuple(rows),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", sentences),
        figures=tuple(figures),
        tables=(table,),
    )


def _take_statistic(result: QueryResult) -> QueryResult:
    """Return the result with its statistic in place of the total: "per day in each log"."""
    return replace(result, total=tuple(result.rows[0][1:]) if result.rows else result.total)


def _state_part(label: str, columns: Sequence[Column], result: QueryResult) -> Text:
    return text("{label}: {figures}", label=label, figures=state_figures(columns, result.total))


def _list_differences(column: Column, before: Decimal, after: Decimal) -> list[Figure]:
    difference = Figure(name=f"{column.title}, difference", value=after - before, unit=str(column.unit))
    if not before:
        return [difference]
    return [difference, Figure(name=f"{column.title}, change", value=(after - before) / before, unit=Unit.SHARE)]


def _correct_premise(premise: str, changes: Sequence[tuple[Column, Decimal, Decimal]]) -> list[Text]:
    """Return the correction where the question takes a rise or fall for granted that wasn't one."""
    if not changes:
        return []
    column, before, after = changes[0]
    if premise == "rise" and after < before:
        return [text("{measure} didn't rise, it fell.", measure=column.title)]
    if premise == "fall" and after > before:
        return [text("{measure} didn't fall, it rose.", measure=column.title)]
    return []


def _describe_difference(column: Column, before: Decimal, after: Decimal, labels: Sequence[str]) -> Text:
    """Return "Spend rose by $5.26 (66.2%), from $7.95 (week 5) to $13.21 (week 6)."."""
    old, new = (format_figure(value, str(column.unit)) for value in (before, after))
    if before == after:
        return text("{measure} didn't change: {value}.", measure=column.title, value=old)
    values = {
        "measure": column.title,
        "change": _describe_size(column, before, after),
        "before": old,
        "after": new,
        "first": labels[0],
        "second": labels[1],
    }
    if after > before:
        return text("{measure} rose by {change}, from {before} ({first}) to {after} ({second}).", **values)
    return text("{measure} fell by {change}, from {before} ({first}) to {after} ({second}).", **values)


def _describe_gap(column: Column, before: Decimal, after: Decimal, labels: Sequence[str]) -> Text:
    """Return "Spend: $1.52 (weekends), $10.52 (weekdays). The difference is $9.00 (590.1%)."."""
    return text(
        "{measure}: {before} ({first}), {after} ({second}). The difference is {change}.",
        measure=column.title,
        before=format_figure(before, str(column.unit)),
        first=labels[0],
        after=format_figure(after, str(column.unit)),
        second=labels[1],
        change=_describe_size(column, before, after),
    )


def _describe_size(column: Column, before: Decimal, after: Decimal) -> Text:
    difference = abs(after - before)
    if column.unit == Unit.SHARE:
        return text("{points:.1f} percentage points", points=float(difference * 100))
    size = format_figure(difference, str(column.unit))
    if not before:
        return text("{size}", size=size)
    return text("{size} ({share})", size=size, share=format_figure(difference / before, Unit.SHARE))


def _compose_compared_groups(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return a table with a row for each group, and its figure in each log; the largest first."""
    query, column = reading.parts[0].query, results[0].measures[0]
    first, second = (_list_groups(query, result) for result in results[:2])
    names = sorted({**first, **second}, key=lambda name: -max(_size(first, name), _size(second, name)))
    labels = [part.label for part in reading.parts]
    table = Table(
        title=text("{measure} by {dimension}", measure=column.title, dimension=get_dimension(query.by[0]).title),
        columns=(
            *(TableColumn(name=get_dimension(name).title) for name in query.by),
            *(TableColumn(name=text("{label}", label=label), unit=str(column.unit)) for label in labels),
        ),
        rows=tuple((*name, first.get(name), second.get(name)) for name in names),
    )
    if reading.topic and reading.dimension:
        return _compose_arrivals(reading, table, first, second)
    new, gone = [name for name in names if name not in first], [name for name in names if name not in second]
    sentences = [*_say_new(new, gone), *(() if reading.topic else _say_totals(column, labels, results))]
    figures = [
        Figure(name=f"{column.title}, {label}", value=result.total[0], unit=str(column.unit))
        for label, result in zip(labels, results, strict=False)
    ]
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", sentences), figures=tuple(figures), tables=(table,))


def _list_groups(query: Query, result: QueryResult) -> Groups:
    width = len(query.by)
    return {
        tuple(format_name(value, name) for value, name in zip(row[:width], query.by, strict=True)): row[width]
        for row in result.rows
    }


def _size(groups: Groups, name: tuple[str, ...]) -> float:
    return float(to_decimal(groups.get(name)))


def _say_new(new: Sequence[tuple[str, ...]], gone: Sequence[tuple[str, ...]]) -> list[Text]:
    said: list[Text] = []
    if new:
        said.append(text("Only in the second log: {names}.", names=_join_names(new)))
    if gone:
        said.append(text("Only in the first log: {names}.", names=_join_names(gone)))
    return said or [text("Both logs have the same ones.")]


def _say_totals(column: Column, labels: Sequence[str], results: Sequence[QueryResult]) -> list[Text]:
    return [
        text(
            "{measure}, {label}: {value}.",
            measure=column.title,
            label=label,
            value=format_figure(result.total[0], str(column.unit)),
        )
        for label, result in zip(labels, results, strict=False)
    ]


def _compose_arrivals(reading: Reading, table: Table, before: Names, within: Names) -> Answer:
    """Return the groups that are new in a period, or those of the time before that it lacks."""
    title = get_dimension(reading.dimension or "").many
    is_new = reading.topic == "new"
    found = [name for name in (within if is_new else before) if name not in (before if is_new else within)]
    period, scope = reading.parts[1].label, describe_scope(Query(where=reading.parts[1].query.where))
    if is_new and not before:
        why = text("The log has nothing before {period}, so it doesn't show what is new then.", period=period)
        return Answer(kind=AnswerKind.CANNOT, text=why)
    if is_new:
        sentence = (
            text("New in {period}: {names}.", period=period, names=_join_names(found))
            if found
            else text("Nothing is new in {period}, compared with the time before.", period=period)
        )
    else:
        sentence = (
            text("Not in {period}, but before: {names}.", period=period, names=_join_names(found))
            if found
            else text("Nothing of the time before is missing in {period}.", period=period)
        )
    count = Figure(
        name=str(text("{many}, new", many=title) if is_new else text("{many}, gone", many=title)),
        value=len(found),
        unit=Unit.COUNT,
    )
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, scope)), figures=(count,), tables=(table,))


def _join_names(names: Sequence[tuple[str, ...]]) -> str:
    return "; ".join(", ".join(name) for name in names[:MAX_NAMES])
