"""How spend is divided: the share of the first group, and of the first tenth of them."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure, Table, TableColumn
from agents.answers.composers.group_answers import choose_chart, list_named, title_groups
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import Unit
from workloads.query.result import Cell, QueryResult, to_decimal

TENTH = 10
MANY = 10
"""Groups of which a tenth is worth a figure."""

SHOWN = 20


def compose_largest_shares(reading: Reading, result: QueryResult) -> Answer:
    query, column = reading.query, result.measures[0]
    named = list_named(query, result)
    total = to_decimal(result.total[0])
    dimension = get_dimension(query.by[0])
    if not named or not total:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    count = result.groups - any(row[0] is None for row in result.rows)
    unnamed = sum((to_decimal(row[1]) for row in result.rows if row[0] is None), Decimal(0))
    first, mean = to_decimal(named[0][1]), (total - unnamed) / count
    figures = [
        Figure(name=str(dimension.many), value=count, unit=Unit.COUNT),
        Figure(
            name=f"Share of the total, {format_name(named[0][0], query.by[0])}", value=first / total, unit=Unit.SHARE
        ),
        Figure(name=str(text("{measure}, mean", measure=column.title)), value=mean, unit=str(column.unit)),
    ]
    said = [
        text(
            "{name} has the largest share: {share} of the {measure} ({value}). {many}: {n:,}, mean {mean}.",
            name=format_name(named[0][0], query.by[0]),
            share=format_figure(first / total, Unit.SHARE),
            measure=get_inline_title(column.name),
            value=format_figure(first, str(column.unit)),
            many=dimension.many,
            n=count,
            mean=format_figure(mean, str(column.unit)),
        )
    ]
    if count >= MANY and len(named) == count:
        size = max(count // TENTH, 1)
        share = sum((to_decimal(row[1]) for row in named[:size]), Decimal(0)) / total
        figures += [
            Figure(name=str(text("{many}, first tenth", many=dimension.many)), value=size, unit=Unit.COUNT),
            Figure(name=str(text("Share of the first tenth")), value=share, unit=Unit.SHARE),
        ]
        shown = format_figure(share, Unit.SHARE)
        said.append(text("The first {n} of {all}, a tenth, make up {share}.", n=size, all=count, share=shown))
    table = Table(
        title=title_groups(query),
        columns=tuple(TableColumn(name=each.title, unit=str(each.unit or "")) for each in result.columns),
        rows=tuple(_format_row(row, query.by[0]) for row in named[:SHOWN]),
    )
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*said, describe_scope(query))),
        figures=tuple(figures),
        tables=(table,),
        chart=choose_chart(query, table),
    )


def _format_row(row: Sequence[Cell], dimension: str) -> tuple[Cell, ...]:
    return (format_name(row[0], dimension), *row[1:])
