"""Answers where no request meets the conditions: how near the nearest one comes."""

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.conditions import FIELD_TITLES, INLINE_FIELDS, describe_scope
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.measures import Unit
from workloads.query.query import NUMBER_OPERATORS, Operator, Query
from workloads.query.requests import ROW_COLUMNS, RequestList


def compose_no_request(reading: Reading, found: RequestList) -> Answer:
    """Return that none matches; of a limit on a number, also the largest or the smallest that a request has."""
    limit = next((each for each in reading.query.where if each.operator in NUMBER_OPERATORS), None)
    if found.nearest is None or limit is None:
        return Answer(kind=AnswerKind.CANNOT, text=text("No requests match."))
    field, value = found.nearest
    unit = str(ROW_COLUMNS[field].unit or "") if field in ROW_COLUMNS else str(Unit.TOKENS)
    number, shown = INLINE_FIELDS[field], format_figure(value, unit)
    is_above = limit.operator in (Operator.ABOVE, Operator.AT_LEAST)
    sentence = (
        text("No requests match: the highest {number} is {value}.", number=number, value=shown)
        if is_above
        else text("No requests match: the lowest {number} is {value}.", number=number, value=shown)
    )
    figures = (
        Figure(name=str(text("Requests that match")), value=0, unit=Unit.REQUESTS),
        Figure(name=str(FIELD_TITLES[field]), value=value, unit=unit),
    )
    scope = describe_scope(Query(where=reading.query.where, period=reading.query.period))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, scope)), figures=figures)
