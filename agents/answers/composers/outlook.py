"""Answers about what could be: forecasts and suppositions."""

from dataclasses import replace
from decimal import Decimal

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_usd
from agents.language.reading import Reading, SupposedChange, Supposition
from core.i18n.text import FormattedNumber, Text, join_texts, text
from workloads.analysis.estimate import Basis
from workloads.query.forecast import Forecast
from workloads.query.measures import Unit
from workloads.query.query import Operator, Query
from workloads.query.result import QueryResult, to_decimal
from workloads.query.what_if import WhatIfResult


def scale_forecast(forecast: Forecast, supposition: Supposition | None) -> Forecast:
    """Return a forecast with other traffic or prices in all days that the log does not have."""
    if supposition is None:
        return forecast
    expected, low, high = (
        forecast.known + (value - forecast.known) * supposition.factor
        for value in (forecast.expected, forecast.low, forecast.high)
    )
    return replace(forecast, expected=expected, low=low, high=high)


def compose_forecast(reading: Reading, forecast: Forecast) -> Answer:
    """Return the expected spend of a period, of the requests that are asked about."""
    scope = describe_scope(Query(where=reading.query.where))
    figures: tuple[Figure, ...] = (
        Figure(name="Expected spend", value=forecast.expected, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="Low", value=forecast.low, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="High", value=forecast.high, unit=Unit.USD, basis=Basis.MODELLED),
        Figure(name="Already in the log", value=forecast.known, unit=Unit.USD),
    )
    sentence = text(
        "About {expected} from {start} to before {end}, between {low} and {high} in 8 of 10 cases. "
        "Based on the {method}.",
        expected=FormattedNumber(format_usd(forecast.expected)),
        low=FormattedNumber(format_usd(forecast.low)),
        high=FormattedNumber(format_usd(forecast.high)),
        start=forecast.start.isoformat(),
        end=forecast.end.isoformat(),
        method=forecast.method,
    )
    supposed = _state_supposition(reading.supposition)
    said = (sentence, *supposed, *([scope] if reading.query.where else []))
    if reading.supposition is not None:
        factor = reading.supposition.factor
        figures = (*figures, Figure(name="Factor", value=factor, unit=Unit.COUNT, basis=Basis.MODELLED))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", said), figures=figures)


def _state_supposition(supposition: Supposition | None) -> tuple[Text, ...]:
    """Return what a forecast supposes of the days that the log does not have."""
    if supposition is None:
        return ()
    factor = FormattedNumber(f"{supposition.factor.normalize():f}")
    if supposition.change is SupposedChange.PRICE:
        return (
            text("That is with prices {factor} times as high as in the log, and the same requests.", factor=factor),
        )
    return (text("That is with {factor} times as many requests as in the log, each as it was.", factor=factor),)


def compose_what_if(reading: Reading, result: WhatIfResult) -> Answer:
    """Return what the requests in question would have cost, the difference, and the whole bill."""
    factor = reading.supposition.factor if reading.supposition else Decimal(1)
    figures = (
        Figure(name="Cost as it was", value=result.before, unit=Unit.USD),
        Figure(name="Cost if so", value=result.after, unit=Unit.USD, basis=result.basis),
        Figure(name="Difference (saved if positive)", value=result.saving, unit=Unit.USD, basis=result.basis),
        Figure(name="Factor", value=factor, unit=Unit.COUNT, basis=result.basis),
        Figure(name="Whole bill as it was", value=result.whole_before, unit=Unit.USD),
        Figure(name="Whole bill if so", value=result.whole_after, unit=Unit.USD, basis=result.basis),
    )
    scope = describe_scope(Query(where=reading.query.where, period=reading.query.period))
    sentence = text(
        "It would have cost {after} instead of {before}: {difference} {direction}.",
        after=FormattedNumber(format_usd(result.after)),
        before=FormattedNumber(format_usd(result.before)),
        difference=FormattedNumber(format_usd(abs(result.saving))),
        direction=text("less") if result.saving >= 0 else text("more"),
    )
    said = (*_limit_batch(reading), sentence, *result.assumptions, *([scope] if reading.query.where else []))
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", said),
        figures=figures,
    )


def _limit_batch(reading: Reading) -> tuple[Text, ...]:
    """Say first that all requests in batch is no saving to count on."""
    is_batch = reading.supposition is not None and reading.supposition.change is SupposedChange.BATCH
    if not is_batch or any(each.operator is Operator.IS for each in reading.query.where):
        return ()
    return (
        text(
            "Only requests that nobody waits for can move to batch; the savings report finds them in the log. If "
            "every request could wait:"
        ),
    )


def compose_replacement(reading: Reading, first: QueryResult, second: QueryResult, whole: QueryResult) -> Answer:
    """Return what the bill would have been if the second period had cost what the first one did."""
    before, after, bill = (to_decimal(result.total[0]) for result in (second, first, whole))
    result = WhatIfResult(
        before=before, after=after, whole_before=bill, requests=second.requests, basis=Basis.MODELLED, assumptions=()
    )
    return compose_what_if(reading, result)
