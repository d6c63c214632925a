"""Places in a ranking: the second group, groups that rank alike, and how much the first ones make up together."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table
from agents.answers.composers.group_answers import list_named
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title, name_group
from agents.language.reading import Reading
from core.i18n.text import Text, join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.query import Query
from workloads.query.result import Cell, QueryResult, to_decimal

MAX_EQUALS = 3
"""Groups that are named beside the first one."""


def list_equals(query: Query, result: QueryResult, first: Sequence[Cell]) -> list[str]:
    """Return the names of groups that rank as the first one does, if it is said to be the highest."""
    width = len(query.by)
    named = [row for row in list_named(query, result) if row[width] == first[width] and row is not first]
    if width > 1 or len(result.rows) < 2 or not first[width]:
        return []
    names = [format_name(row[0], query.by[0]) for row in named[:MAX_EQUALS]]
    return [*names, "…"] if len(named) > MAX_EQUALS else names


def count_shown(query: Query, result: QueryResult, figures: list[Figure]) -> Text:
    """Return "Users: the first 29 of 288, with a spend of $110.64.", and add the figures in it."""
    shown, column = list_named(query, result), result.measures[0]
    together = next(each.value for each in figures if each.unit == column.unit)
    figures.insert(0, Figure(name=str(get_dimension(query.by[0]).many), value=len(shown), unit=Unit.COUNT))
    return text(
        "{many}: {n}, {measure} {value}.",
        many=get_dimension(query.by[0]).many,
        n=len(shown),
        measure=get_inline_title(column.name),
        value=format_figure(together, str(column.unit)),
    )


def describe_rank(rank: int, reading: Reading, result: QueryResult, row: Sequence[Cell]) -> Text:
    """Return "gpt-4o is number 2 by spend: $77.82."."""
    query, column = reading.query, result.measures[0]
    name = name_group(row, query.by)
    value = format_figure(row[len(query.by)], str(column.unit))
    total = to_decimal(result.total[0]) if MEASURES[column.name].is_sum else Decimal(0)
    title = get_inline_title(column.name)
    if not total or (query.order is not None and not query.order.descending):
        return text("{name} is number {n} by {measure}: {value}.", name=name, n=rank, measure=title, value=value)
    share = format_figure(to_decimal(row[len(query.by)]) / total, Unit.SHARE)
    return text(
        "{name} is number {n} by {measure}: {value} ({share}).",
        name=name,
        n=rank,
        measure=title,
        value=value,
        share=share,
    )


def compose_reach(reach: Decimal, query: Query, result: QueryResult, table: Table) -> Answer:
    """Return how many of the first groups make up a share of the total."""
    many, column, total = get_dimension(query.by[0]).many, result.measures[0], to_decimal(result.total[0])
    count, together = 0, Decimal(0)
    for row in list_named(query, result):
        if together >= reach * total:
            break
        count, together = count + 1, together + to_decimal(row[1])
    wanted = format_figure(reach, Unit.SHARE)
    if not total or together < reach * total:
        sentence = text("{many} don't make up {share} of the total.", many=many, share=wanted)
        return Answer(kind=AnswerKind.ANSWER, text=sentence, tables=(table,))
    share = together / total
    figures = (
        Figure(name=str(many), value=count, unit=Unit.COUNT),
        Figure(name=str(text("{measure}, together", measure=column.title)), value=together, unit=str(column.unit)),
        Figure(name=str(text("Share, together")), value=share, unit=Unit.SHARE),
        Figure(name=str(text("share that was asked for")), value=reach, unit=Unit.SHARE),
    )
    sentence = text(
        "{many} that make up {wanted} of the total: {n}, with {value} ({share}).",
        many=many,
        wanted=wanted,
        n=count,
        value=format_figure(together, str(column.unit)),
        share=format_figure(share, Unit.SHARE),
    )
    said = join_texts(" ", (sentence, describe_scope(query)))
    return Answer(kind=AnswerKind.ANSWER, text=said, figures=figures, tables=(table,))


def compose_no_rank(reading: Reading, named: int, table: Table) -> Answer:
    many = get_dimension(reading.query.by[0]).many
    figures = (
        Figure(name=str(many), value=named, unit=Unit.COUNT),
        Figure(name=str(text("place in the ranking")), value=reading.rank, unit=Unit.COUNT),
    )
    sentence = text("There is no number {rank}. {many}: {n}.", rank=reading.rank or 0, many=many, n=named)
    return Answer(kind=AnswerKind.ANSWER, text=sentence, figures=figures, tables=(table,))


def sum_shown(query: Query, result: QueryResult) -> list[Figure]:
    width = len(query.by)
    column = result.measures[0]
    shown = sum((Decimal(str(row[width] or 0)) for row in result.rows), Decimal(0))
    total = Decimal(str(result.total[0] or 0))
    return [
        Figure(name=str(text("{measure}, together", measure=column.title)), value=shown, unit=str(column.unit)),
        Figure(name=str(text("Share, together")), value=shown / total if total else None, unit=Unit.SHARE),
    ]
