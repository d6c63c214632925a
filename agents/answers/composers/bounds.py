"""Answers to suppositions of which a log only tells what they cannot exceed."""

from collections.abc import Sequence
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.measures import Unit
from workloads.query.query import Query
from workloads.query.result import QueryResult, to_decimal


def compose_bound(reading: Reading, results: Sequence[QueryResult]) -> Answer:
    """Return that the log does not tell, and what the input costs, which shorter prompts cannot save more than."""
    message = reading.message or text("The log doesn't tell.")
    known = [to_decimal(value) for value in results[0].total if value is not None]
    if not known:
        return Answer(kind=AnswerKind.CANNOT, text=message, suggestions=reading.choices)
    cost = sum(known, Decimal(0))
    bound = text(
        "All of their input costs {cost} now, so no shorter prompt can save more than that.",
        cost=format_figure(cost, Unit.USD),
    )
    query = reading.parts[0].query
    scope = describe_scope(Query(where=query.where, period=query.period))
    figure = Figure(name=str(text("Spend on all input")), value=cost, unit=Unit.USD)
    said = join_texts(" ", (message, bound, scope))
    return Answer(kind=AnswerKind.CANNOT, text=said, figures=(figure,), suggestions=reading.choices)
