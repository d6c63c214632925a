"""Answers that count groups, and answers where no group has what was asked for."""

from agents.answers.answer import Answer, AnswerKind, Figure, Table
from agents.answers.composers.group_parts import choose_chart, find_lead
from agents.answers.formatting import format_figure, format_name
from agents.answers.phrases import get_inline_title
from agents.answers.scope_text import add_missing, describe_having, describe_scope
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES, Unit
from workloads.query.result import QueryResult


def compose_unknown(result: QueryResult) -> Answer:
    """Return that no group has a value of the first measure."""
    column = result.measures[0]
    why = (
        text("The log's rows are totals that don't say of how many requests.")
        if column.unit in (Unit.REQUESTS, Unit.USD_PER_REQUEST)
        else text("No row of the log has the values that it needs.")
    )
    sentence = text("{measure}: unknown.", measure=column.title)
    return Answer(kind=AnswerKind.CANNOT, text=join_texts(" ", (sentence, why)))


def compose_none(reading: Reading) -> Answer:
    """Return that no group meets a condition, or that no requests match."""
    if not reading.query.having:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    many, condition = get_dimension(reading.query.by[0]).many, describe_having(reading.query.having[0])
    none = Figure(name=str(text("{many}, {condition}", many=many, condition=condition)), value=0, unit=Unit.COUNT)
    limit = reading.query.having[0]
    said = Figure(name=str(text("limit")), value=limit.value, unit=str(MEASURES[limit.measure].unit))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=text("{many} with {condition}: none.", many=many, condition=condition),
        figures=(none, said),
    )


def compose_count(reading: Reading, result: QueryResult, table: Table) -> Answer:
    """Return how many groups meet a condition: "How many users spent more than $5?"."""
    query, column = reading.query, result.measures[0]
    dimension = get_dimension(query.by[0])
    count = result.groups - any(row[0] is None for row in result.rows)
    condition = describe_having(query.having[0])
    figures = [
        Figure(
            name=str(text("{many}, {condition}", many=dimension.many, condition=condition)),
            value=count,
            unit=Unit.COUNT,
        )
    ]
    limit = query.having[0]
    said = Figure(name=str(text("limit")), value=limit.value, unit=str(MEASURES[limit.measure].unit))
    figures.append(said)
    parts = [text("{many} with {condition}: {n}.", many=dimension.many, condition=condition, n=count)]
    if result.rows:
        first = find_lead(query, result)
        name, value = format_name(first[0], query.by[0]), format_figure(first[1], str(column.unit))
        parts.append(
            text(
                "{name} has the highest {measure}: {value}.",
                name=name,
                measure=get_inline_title(column.name),
                value=value,
            )
        )
        figures.append(Figure(name=f"{column.title}, {name}", value=first[1], unit=str(column.unit)))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=add_missing(join_texts(" ", (*parts, describe_scope(query))), result),
        figures=tuple(figures),
        tables=(table,) if result.rows else (),
        chart=choose_chart(query, table) if result.rows else None,
    )
