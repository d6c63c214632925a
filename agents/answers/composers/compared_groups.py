"""Answers that set the groups of two results side by side: of two logs, of two periods, and those that are new in a
period or not used any more."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.contrasts import describe_difference
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title, list_inline_dimensions
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, Column, QueryResult, to_decimal

Groups = Mapping[tuple[str, ...], Cell]
"""The first measure of each group, by its names."""

MAX_NAMES = 10
"""Groups that the sentence names; the table has all of them."""

Names = Collection[tuple[str, ...]]


def compose_compared_groups(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return a table with a row for each group, and its figure in each log; the largest first."""
    query, column = reading.parts[0].query, results[0].measures[0]
    first, second = (_list_groups(query, result) for result in results[:2])
    names = sorted({**first, **second}, key=lambda name: -max(_size(first, name), _size(second, name)))
    labels = [part.label for part in reading.parts]
    table = Table(
        title=text("{measure} by {dimension}", measure=column.title, dimension=list_inline_dimensions(query.by[:1])),
        columns=(
            *(TableColumn(name=get_dimension(name).title) for name in query.by),
            *(TableColumn(name=text("{label}", label=label), unit=str(column.unit)) for label in labels),
        ),
        rows=tuple((*name, first.get(name), second.get(name)) for name in names),
    )
    if reading.topic and reading.dimension:
        return _compose_arrivals(reading, table, first, second)
    if reading.parts[0].log == reading.parts[1].log:
        totals = (to_decimal(results[0].total[0]), to_decimal(results[1].total[0]))
        said = describe_difference(column, *totals, labels)
        return compose_changes(reading, column, (first, second), table, said)
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


def compose_changes(
    reading: Reading, column: Column, groups: tuple[Groups, Groups], table: Table, said: Text
) -> Answer:
    """Return how each group changed between two periods: the one that is asked for, else the largest change, first."""
    first, second = groups
    labels = [part.label for part in reading.parts]
    # A rate of a group that one period lacks is unknown, not 0: a new feature did not become slower.
    absent = 0 if MEASURES[column.name].is_sum else None
    is_known = [name for name in {**first, **second} if None not in (first.get(name, absent), second.get(name, absent))]
    changes = {name: to_decimal(second.get(name)) - to_decimal(first.get(name)) for name in is_known}
    ordered = sorted(changes, key=lambda name: _order_change(reading.premise, changes[name]))
    rows = tuple((*name, first.get(name), second.get(name), changes[name]) for name in ordered)
    rows += tuple(
        (*name, first.get(name), second.get(name), None) for name in {**first, **second} if name not in changes
    )
    unit = str(column.unit)
    columns = (*table.columns, TableColumn(name=text("Change"), unit=unit))
    figures = [
        Figure(name=f"{column.title}, {label}", value=sum(map(to_decimal, each.values()), Decimal(0)), unit=unit)
        for label, each in zip(labels, groups, strict=True)
        if column.unit in (Unit.USD, Unit.REQUESTS, Unit.TOKENS)
    ]
    lead = [_say_change(column, ordered[0], first, second, reading.premise)] if ordered else []
    only = [
        text("Only in {period}: {names}.", period=label, names=_join_names(names))
        for label, names in zip(labels, (_list_missing(first, second), _list_missing(second, first)), strict=True)
        if names
    ]
    scope = describe_scope(Query(where=reading.parts[0].query.where))
    sentences = (*lead, said, *only) if reading.premise else (said, *lead, *only)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*sentences, scope)),
        figures=tuple(figures),
        tables=(replace(table, columns=columns, rows=rows),),
    )


def _order_change(premise: str, change: Decimal) -> Decimal:
    return -change if premise == "rise" else change if premise == "fall" else -abs(change)


def _say_change(column: Column, name: tuple[str, ...], first: Groups, second: Groups, premise: str) -> Text:
    before, after = to_decimal(first.get(name)), to_decimal(second.get(name))
    values = {
        "name": ", ".join(name),
        "measure": get_inline_title(column.name),
        "before": format_figure(before, str(column.unit)),
        "after": format_figure(after, str(column.unit)),
    }
    if premise == "rise" and after < before:
        return text("None rose. {name} fell least: {measure} from {before} to {after}.", **values)
    if premise == "fall" and after > before:
        return text("None fell. {name} rose least: {measure} from {before} to {after}.", **values)
    if after > before:
        return text("{name} rose most: {measure} from {before} to {after}.", **values)
    if after < before:
        return text("{name} fell most: {measure} from {before} to {after}.", **values)
    return text("No group changed: {measure} stayed the same in each.", measure=values["measure"])


def _list_missing(groups: Groups, others: Groups) -> list[tuple[str, ...]]:
    return [name for name in groups if name not in others]
