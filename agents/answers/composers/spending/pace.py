"""Answers to how fast money is spent: per day, when an amount is reached, and how much of a budget is used."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal

from agents.answers.answer import Answer, AnswerKind, Figure
from agents.answers.claims import NO, YES
from agents.answers.composers.messages import compose_missing
from agents.answers.conditions import describe_scope
from agents.answers.formatting import format_figure
from agents.language.questions import KnownLogs
from agents.language.reading import Reading
from core.i18n.text import FormattedNumber, Text, join_texts, plural_text, text
from workloads.analysis.estimate import Basis
from workloads.query.measures import Unit
from workloads.query.query import Operator, Query
from workloads.query.result import Cell, QueryResult, to_decimal

MONTH_DAYS, RECENT_DAYS = 30, 28
MAX_DAYS_AHEAD = 366
"""A mean of weeks says nothing of what is farther away."""

NO_DAYS = text("The log has no dates. A log with the time of each request would show it.")


def compose_pace(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return spend per day of the period, and what 30 such days cost."""
    result = results[0]
    if not result.columns:
        return compose_missing(result.missing)
    spends = _index_days(result)
    if not spends:
        return Answer(kind=AnswerKind.CANNOT, text=NO_DAYS)
    first, last = _find_days(reading.query, known, spends)
    days, total = (last - first).days + 1, sum(spends.values(), Decimal(0))
    mean = total / days
    figures = (
        Figure(name=str(text("Spend per day")), value=mean, unit=f"{Unit.USD}_per_day"),
        Figure(name=str(text("Spend")), value=total, unit=Unit.USD),
        Figure(name=str(text("Days")), value=days, unit=Unit.DAYS),
        Figure(name=str(text("Days of a month")), value=MONTH_DAYS, unit=Unit.DAYS),
        Figure(name=str(text("30 days at that pace")), value=mean * MONTH_DAYS, unit=Unit.USD, basis=Basis.MODELLED),
    )
    sentence = plural_text(
        "{mean} per day: {total} in {n} day, {first} to {last}.",
        "{mean} per day: {total} in {n} days, {first} to {last}.",
        n=days,
        mean=format_figure(mean, Unit.USD),
        total=format_figure(total, Unit.USD),
        first=first.isoformat(),
        last=last.isoformat(),
    )
    month = text("At that pace, 30 days cost {month}.", month=format_figure(mean * MONTH_DAYS, Unit.USD))
    scope = describe_scope(Query(where=reading.query.where))
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (sentence, month, scope)), figures=figures)


def compose_reach(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return the day on which the spend since the log's first day reaches an amount: a day of the log, or the one at
    the mean of its last 28 days."""
    result, goal = results[0], reading.goal_usd or Decimal(0)
    if not result.columns:
        return compose_missing(result.missing)
    spends = _index_days(result)
    if not spends:
        return Answer(kind=AnswerKind.CANNOT, text=NO_DAYS)
    first, last = _find_days(reading.query, known, spends)
    amount, scope = format_figure(goal, Unit.USD), describe_scope(Query(where=reading.query.where))
    limit, spent = Figure(name=str(text("limit")), value=goal, unit=Unit.USD), Decimal(0)
    for day in sorted(spends):
        spent += spends[day]
        if spent >= goal:
            said = text(
                "{amount} was reached on {day}, counted from {first}.",
                amount=amount,
                day=day.isoformat(),
                first=first.isoformat(),
            )
            return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (said, scope)), figures=(limit,))
    days = min(RECENT_DAYS, (last - first).days + 1)
    recent = sum((value for day, value in spends.items() if day > last - timedelta(days=days)), Decimal(0))
    return _extrapolate(spent, goal, recent / days, days=days, first=first, last=last, scope=scope)


def _extrapolate(
    spent: Decimal, goal: Decimal, mean: Decimal, *, days: int, first: date, last: date, scope: Text
) -> Answer:
    ahead = int(((goal - spent) / mean).to_integral_value(ROUND_CEILING)) if mean else None
    figures = (
        Figure(name=str(text("limit")), value=goal, unit=Unit.USD),
        Figure(name=str(text("Spend")), value=spent, unit=Unit.USD),
        Figure(name=str(text("Spend per day")), value=mean, unit=f"{Unit.USD}_per_day"),
        Figure(name=str(text("Days")), value=days, unit=Unit.DAYS),
        Figure(name=str(text("Days ahead")), value=ahead, unit=Unit.DAYS, basis=Basis.MODELLED),
    )
    if ahead is None or ahead > MAX_DAYS_AHEAD:
        return Answer(kind=AnswerKind.CANNOT, text=text("Not within a year at the pace of the log's last days."))
    said = plural_text(
        "About {day}: {spent} from {first} to {last}, and {mean} per day, the mean of the last {n} day, until "
        "{amount} is reached.",
        "About {day}: {spent} from {first} to {last}, and {mean} per day, the mean of the last {n} days, until "
        "{amount} is reached.",
        day=(last + timedelta(days=ahead)).isoformat(),
        spent=format_figure(spent, Unit.USD),
        first=first.isoformat(),
        last=last.isoformat(),
        mean=format_figure(mean, Unit.USD),
        n=days,
        amount=format_figure(goal, Unit.USD),
    )
    return Answer(kind=AnswerKind.ANSWER, text=join_texts(" ", (said, scope)), figures=figures)


def compose_budget(reading: Reading, results: Sequence[QueryResult], known: KnownLogs | None) -> Answer:
    """Return which part of a budget is spent, and what is left of it."""
    result, budget = results[0], reading.goal_usd or Decimal(0)
    if not result.columns:
        return compose_missing(result.missing)
    spent = to_decimal(result.total[0]) if result.total[0] is not None else Decimal(0)
    share = spent / budget if budget else None
    left = budget - spent
    figures = (
        Figure(name=str(text("Share of the budget")), value=share, unit=Unit.SHARE),
        Figure(name=str(text("Spend")), value=spent, unit=Unit.USD),
        Figure(name=str(text("Budget")), value=budget, unit=Unit.USD),
        Figure(name=str(text("Left of the budget")), value=left, unit=Unit.USD),
    )
    shown = {"share": format_figure(share, Unit.SHARE), "spent": format_figure(spent, Unit.USD)}
    said = (
        text("{share} of {budget}: {spent} spent, {left} left.", **shown, budget=_usd(budget), left=_usd(left))
        if left >= 0
        else text("{share} of {budget}: {spent} spent, {over} over.", **shown, budget=_usd(budget), over=_usd(-left))
    )
    is_over = reading.check is not None and reading.check.operator is Operator.ABOVE
    verdict = (YES if (spent > budget) == is_over else NO,) if reading.whether else ()
    return Answer(
        kind=AnswerKind.ANSWER,
        text=join_texts(" ", (*verdict, said, _describe_time(reading.query, known))),
        figures=figures,
    )


def _usd(amount: Decimal) -> FormattedNumber:
    return format_figure(amount, Unit.USD)


def _describe_time(query: Query, known: KnownLogs | None) -> Text:
    """Return the scope; the days of the log where no period is named."""
    if query.period.start or query.period.end or known is None or not known.extent.is_dated:
        return describe_scope(query)
    first, last = known.extent.first.isoformat(), known.extent.last.isoformat()
    whole = text("(The whole log, {first} to {last}.)", first=first, last=last)
    return join_texts(" ", (whole, describe_scope(query)))


def _find_days(query: Query, known: KnownLogs | None, spends: dict[date, Decimal]) -> tuple[date, date]:
    """Return the first and the last day of the log in the query's period."""
    extent = (known.extent.first, known.extent.last) if known is not None else (min(spends), max(spends))
    first = max(query.period.start.date(), extent[0]) if query.period.start else extent[0]
    last = min(query.period.end.date() - timedelta(days=1), extent[1]) if query.period.end else extent[1]
    return min(first, *spends), max(last, *spends)


def _index_days(result: QueryResult) -> dict[date, Decimal]:
    return {day: to_decimal(row[1]) for row in result.rows if (day := _to_day(row[0])) is not None}


def _to_day(cell: Cell) -> date | None:
    return cell.date() if isinstance(cell, datetime) else cell if isinstance(cell, date) else None
