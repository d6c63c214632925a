"""Whether the cost that a log states is the computed one."""

from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.claims import NO, YES
from agents.answers.composers.group_answers import compose_unknown
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure
from agents.language.reading import Reading
from core.i18n.text import join_texts, text
from workloads.query.measures import Unit
from workloads.query.result import QueryResult, to_decimal

TOLERANCE = Decimal("0.001")
"""Of the stated spend: less is rounding."""


def compose_unstated() -> Answer:
    """Return that there is nothing to compare with."""
    why = text("The log states no cost, so there is nothing to compare our figure with.")
    return Answer(kind=AnswerKind.CANNOT, text=why)


def compose_stated(reading: Reading, result: QueryResult) -> Answer:
    """Return both figures of the requests that have both, and their difference."""
    if len(result.total) < 2 or None in result.total:
        return compose_unstated() if len(result.total) < 2 else compose_unknown(result)
    stated, computed = (to_decimal(value) for value in result.total)
    difference = stated - computed
    share = difference / computed if computed else None
    figures = (
        *(
            Figure(name=str(column.title), value=value, unit=str(column.unit))
            for column, value in zip(result.measures, result.total, strict=True)
        ),
        Figure(name=str(text("Difference")), value=difference, unit=Unit.USD),
        *((Figure(name=str(text("Difference, share")), value=share, unit=Unit.SHARE),) if share is not None else ()),
    )
    values = {
        "stated": format_figure(stated, Unit.USD),
        "computed": format_figure(computed, Unit.USD),
        "difference": format_figure(abs(difference), Unit.USD),
        "share": format_figure(abs(share or Decimal(0)), Unit.SHARE),
    }
    if abs(difference) <= TOLERANCE * max(abs(stated), abs(computed)):
        said = text("The log states {stated}; tokens × price gives {computed}.", **values)
        verdict = YES
    elif difference > 0:
        said = text("The log states {stated}, {difference} ({share}) more than tokens × price: {computed}.", **values)
        verdict = NO
    else:
        said = text("The log states {stated}, {difference} ({share}) less than tokens × price: {computed}.", **values)
        verdict = NO
    verdicts = () if reading.premise else (verdict,)
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*verdicts, said, describe_scope(reading.query))),
        figures=figures,
        notes=(text("Both figures are of the requests that have a price and a stated cost."),),
    )
