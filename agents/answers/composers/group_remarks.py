"""Sentences beside the first of a table's groups: its share, the mean, and what the question takes for granted."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Figure
from agents.answers.composers.group_answers import (
    get_limit,
    list_named,
)
from agents.answers.composers.places import (
    list_equals,
)
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult, to_decimal


def list_remarks(
    reading: Reading, result: QueryResult, first: Sequence[Cell]
) -> tuple[list[Text], list[Text], list[Figure]]:
    """Return what is said before and after the sentence on the first group, and the figures of both."""
    query, column = reading.query, result.measures[0]
    before: list[Text] = []
    after: list[Text] = []
    figures: list[Figure] = []
    if query.having and query.having[0].than is not None:
        condition, limit = get_limit(reading, result)
        many = get_dimension(query.by[0]).many
        before.append(text("{many} with {condition}: {n}.", many=many, condition=condition, n=result.groups))
        figures += [limit, Figure(name=str(many), value=result.groups, unit=Unit.COUNT)]
    mean = _find_mean(query, result)
    if mean is not None:
        before.append(_describe_mean(query, mean, str(column.unit)))
        title = text("{measure}, mean", measure=column.title)
        figures.append(Figure(name=str(title), value=mean, unit=str(column.unit)))
    others = list_equals(query, result, first)
    if others:
        after.append(text("As high: {names}.", names=", ".join(others)))
    ratio = _find_ratio(query, result, first)
    if ratio is not None:
        after.append(text("That is {ratio} times the other.", ratio=FormattedNumber(str(ratio))))
        figures.append(Figure(name=str(text("Ratio")), value=ratio, unit=Unit.RATIO))
    if len(query.by) == 1 and not get_dimension(query.by[0]).is_time:
        named = result.groups - any(row[0] is None for row in result.rows)
        if reading.claimed not in (None, named):
            before.insert(0, _correct_count(reading, named))
        figures.append(Figure(name=str(get_dimension(query.by[0]).many), value=named, unit=Unit.COUNT))
    return before, after, figures


def _find_ratio(query: Query, result: QueryResult, first: Sequence[Cell]) -> Decimal | None:
    """Return how many times the higher one of two named groups is the other: "how much slower is A than B?"."""
    named = [each for each in query.where if each.field == query.by[0] and len(each.values) == len(result.rows)]
    if len(query.by) > 1 or len(result.rows) != 2 or not named:
        return None
    low, high = sorted(to_decimal(row[1]) for row in result.rows)
    is_highest = to_decimal(first[1]) == high
    return round(high / low, 1) if low > 0 and is_highest and round(high / low, 1) > 1 else None


def _describe_mean(query: Query, mean: Decimal, unit: str) -> Text:
    first, second = (get_dimension(each).name.replace("_", " ") for each in query.by)
    return text(
        "On average {mean} per {first} and {second}, of those with a request.",
        mean=format_figure(mean, unit),
        first=first,
        second=second,
    )


def _find_mean(query: Query, result: QueryResult) -> Decimal | None:
    """Return the mean of "cost per user per day", if groups over time are asked for and nothing is ranked."""
    is_over_time = len(query.by) == 2 and any(get_dimension(name).is_time for name in query.by)
    is_sum = MEASURES[result.measures[0].name].is_sum
    is_whole = len(result.rows) == result.groups
    if not is_over_time or not is_sum or query.order or query.having or result.total[0] is None or not is_whole:
        return None
    named = [to_decimal(row[len(query.by)]) for row in list_named(query, result)]
    return sum(named, Decimal(0)) / len(named) if named else None


def _correct_count(reading: Reading, named: int) -> Text:
    many = get_dimension(reading.query.by[0]).many
    return text("{many} in the log: {n}, not {claimed}.", many=many, n=named, claimed=reading.claimed or 0)


def correct_superlative(reading: Reading, result: QueryResult, first: Sequence[Cell]) -> Text:
    column = result.measures[0]
    named = next((row for row in result.rows if row[0] == reading.premise), None)
    if named is not None and named[0] == first[0]:
        most = format_figure(first[1], str(column.unit))
        return text("Yes, {name} comes first: {value}.", name=str(first[0]), value=most)
    return text(
        "No: {first} comes first ({most}), while {name} has {value}.",
        first=str(first[0]),
        most=format_figure(first[1], str(column.unit)),
        name=reading.premise,
        value=format_figure(None if named is None else named[1], str(column.unit)),
    )
