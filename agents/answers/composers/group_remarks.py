"""Sentences beside the first of a table's groups: its share, the mean, and what the question takes for granted."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Figure
from agents.answers.composers.contrasts import Pair, list_figures, list_pairs, say_gap
from agents.answers.composers.group_answers import get_limit, list_named
from agents.answers.composers.places import list_equals
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import name_group
from agents.language.reading import Reading
from agents.language.steps.members import MEMBER
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult, to_decimal

PAIR = 2
MAX_NEXT = 5
"""Groups that are named where so many are asked for."""


def list_remarks(
    reading: Reading, result: QueryResult, first: Sequence[Cell]
) -> tuple[list[Text], list[Text], list[Figure]]:
    """Return what is said before and after the sentence on the first group, and the figures of both."""
    query, column = reading.query, result.measures[0]
    before: list[Text] = []
    after: list[Text] = []
    figures: list[Figure] = []
    if query.having and (query.having[0].than is not None or (len(query.having) == 1 and len(result.rows) > 1)):
        condition, limit = get_limit(reading, result)
        many = get_dimension(query.by[0]).many
        before.append(text("{many} with {condition}: {n}.", many=many, condition=condition, n=result.groups))
        figures += [limit, Figure(name=str(many), value=result.groups, unit=Unit.COUNT)]
    mean = _find_mean(query, result)
    if mean is not None:
        before.append(_describe_mean(query, mean, str(column.unit)))
        title = text("{measure}, mean", measure=column.title)
        figures.append(Figure(name=str(title), value=mean, unit=str(column.unit)))
    after += [] if reading.topic == MEMBER else _name_next(reading, result, first)
    others = list_equals(query, result, first)
    if others and not after:
        after.append(text("As high: {names}.", names=", ".join(others)))
    pair = find_pair(query, result)
    if pair is not None and to_decimal(first[1]) == max(pair.values) and reading.contrast is None:
        after.append(say_gap(pair))
        figures += list_figures(pair)
    if len(query.by) == 1 and not get_dimension(query.by[0]).is_time:
        named = result.groups - any(row[0] is None for row in result.rows)
        is_known = named < result.groups or len(result.rows) == result.groups  # those beyond a limit may lack a name
        if reading.claimed not in (None, named):
            before.insert(0, _correct_count(reading, named))
        if is_known:
            figures.append(Figure(name=str(get_dimension(query.by[0]).many), value=named, unit=Unit.COUNT))
    return before, after, figures


def _name_next(reading: Reading, result: QueryResult, first: Sequence[Cell]) -> list[Text]:
    """Return the groups after the first one where so many are asked for: "which three features cost most?"."""
    query, column = reading.query, result.measures[0]
    named = list_named(query, result)
    if (
        not 1 < (query.limit or 0) <= MAX_NEXT
        or reading.rank
        or reading.together
        or len(named) < 2
        or named[0] != first
    ):
        return []
    said = [
        text("{name} ({value})", name=name, value=format_figure(row[len(query.by)], str(column.unit)))
        for row in named[1:]
        for name in (name_group(row, query.by),)
    ]
    return [text("Then: {groups}.", groups=join_texts(", ", said))]


def find_pair(query: Query, result: QueryResult) -> Pair | None:
    """Return two named groups that differ: "how much slower is A than B?"."""
    pairs = list_named_pairs(query, result)
    return pairs[0] if pairs and pairs[0].difference else None


def list_named_pairs(query: Query, result: QueryResult) -> list[Pair]:
    """Return two named groups, in the order of the question, by the first measure and the rates beside it."""
    named = [each for each in query.where if each.field == query.by[0] and len(each.values) == PAIR]
    rows = {row[0]: row for row in result.rows}
    if len(query.by) > 1 or len(result.rows) != PAIR or not named or set(named[0].values) != set(rows):
        return []
    first, second = (rows[value] for value in named[0].values)
    names = (format_name(first[0], query.by[0]), format_name(second[0], query.by[0]))
    return list_pairs(result.measures, names, first[1:], second[1:])


def list_extremes(query: Query, result: QueryResult) -> list[Pair]:
    """Return the first and the last of all groups with a name, by the first measure."""
    named = [row for row in list_named(query, result) if row[1] is not None]
    if len(query.by) > 1 or len(named) < PAIR or len(result.rows) < result.groups:
        return []
    low, high = (choose(named, key=lambda row: to_decimal(row[1])) for choose in (min, max))
    names = (format_name(high[0], query.by[0]), format_name(low[0], query.by[0]))
    return list_pairs(result.measures[:1], names, high[1:], low[1:])


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
    owner = query.by[0] if not is_over_time or not get_dimension(query.by[0]).is_time else query.by[1]
    is_named = any(each.field == owner and None in each.values for each in query.where)
    is_whole = is_named or len(result.rows) == result.groups
    if not is_over_time or not is_sum or query.order or query.having or result.total[0] is None or not is_whole:
        return None
    if is_named and result.groups:
        return to_decimal(result.total[0]) / result.groups
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
