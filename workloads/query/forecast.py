"""Forecast spend per day: the mean of the same weekday in the last weeks, with an interval from a backtest.

The method is seasonal-naive. Its interval is the spread of what the method would have got wrong in the log's own past,
summed over a period as long as the one that is asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import quantiles

from core.exceptions import BadInput
from core.i18n.text import Text, plural_text, text
from workloads.analysis.priced_log import PricedLog
from workloads.query.measuring import fetch_groups, measure
from workloads.query.query import Query
from workloads.query.result import Derivation, to_decimal

CYCLE_DAYS = 7
MIN_CYCLES = 2
MAX_DAYS = 1_100
"""Three years: the backtest of a day costs as much as the days before it."""
MEAN_CYCLES = 4
"""Weeks of which the mean is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """Expected spend in USD from `start` to before `end`, of which `known` is already in the log.

    `low` and `high` would have contained 8 of 10 of the log's own past periods (fewer if the log is short: `backtests`
    is how many could be tried). `weeks` is the number of weeks whose mean it is.
    """

    start: date
    end: date
    expected: Decimal
    low: Decimal
    high: Decimal
    known: Decimal
    weeks: int
    backtests: int
    method: Text
    derivation: Derivation


def forecast_spend(log: PricedLog, query: Query, start: date, end: date) -> Forecast:
    """Forecast the spend of the requests that `query` is about. Days that the log has count as they are.

    Raises BadInput for logs without dates or with fewer than two weeks, and for periods that end within the log.
    """
    days = _measure_days(log, query)
    if len(days) < MIN_CYCLES * CYCLE_DAYS:
        raise BadInput(_build_refusal(days))
    first, last = days[0][0], days[-1][0]
    if end <= last + timedelta(days=1) or end - start > timedelta(days=366) or start < first:
        raise BadInput(text("The log ends on {last}. Ask for a period after that, at most a year.", last=str(last)))
    spend = [amount for _, amount in days]
    ahead = (end - max(start, last + timedelta(days=1))).days
    gap = max((start - last).days - 1, 0)
    known = sum((amount for day, amount in days if start <= day), Decimal(0))
    weeks = min(MEAN_CYCLES, len(spend) // CYCLE_DAYS)
    expected = sum(islice_days(_predict(spend, weeks), gap, ahead), Decimal(0))
    errors = list(_backtest(spend, weeks, min(ahead, len(spend) // 2)))
    scale = Decimal(ahead) / Decimal(min(ahead, len(spend) // 2))
    width = _spread(errors) * scale
    method = plural_text(
        "the same weekday of the last {n} week; interval from a backtest",
        "mean of the same weekday in the last {n} weeks; interval from a backtest",
        n=weeks,
    )
    return Forecast(
        start=start,
        end=end,
        expected=known + expected,
        low=known + max(expected - width, Decimal(0)),
        high=known + expected + width,
        known=known,
        weeks=weeks,
        backtests=len(errors),
        method=method,
        derivation=replace(
            measure(log, Query(where=query.where, by=("day",), zone=query.zone, limit=1)).derivations[0], formula=method
        ),
    )


def _build_refusal(days: Sequence[tuple[date, Decimal]]) -> Text:
    if not days:
        return text("A forecast needs a log of at least two full weeks. Upload a longer one.")
    return text(
        "The log covers {first} to {last}, and a forecast needs at least two full weeks. Upload a longer one.",
        first=str(days[0][0]),
        last=str(days[-1][0]),
    )


def _measure_days(log: PricedLog, query: Query) -> list[tuple[date, Decimal]]:
    """Return the spend of each calendar day from the log's first to its last whole day, days without requests too: at
    most the last MAX_DAYS."""
    if log.source.relative_clock or not log.has_times:
        raise BadInput(text("The log has no dates, so there is nothing to base a forecast on."))
    whole = fetch_groups(log, Query(measures=("requests",), by=("day",), zone=query.zone))
    if not whole:
        return []
    found = fetch_groups(log, Query(where=query.where, by=("day",), zone=query.zone))
    spend = {_to_day(day): to_decimal(amount) for day, amount in found}
    start, end = _to_day(whole[0][0]), _to_day(whole[-1][0])
    count = min((end - start).days + 1, MAX_DAYS)
    start = end - timedelta(days=count - 1)
    return [(start + timedelta(days=i), spend.get(start + timedelta(days=i), Decimal(0))) for i in range(count)]


def _to_day(value: object) -> date:
    if isinstance(value, datetime):
        return value.date()
    return date.fromisoformat(str(value))


def _predict(spend: Sequence[Decimal], weeks: int) -> Iterator[Decimal]:
    """Yield the days after `spend`, each the mean of its weekday in the last weeks."""
    tail = spend[-weeks * CYCLE_DAYS :]
    means = [sum(tail[i::CYCLE_DAYS], Decimal(0)) / weeks for i in range(CYCLE_DAYS)]
    index = 0
    while True:
        yield means[index % CYCLE_DAYS]
        index += 1


def islice_days(days: Iterator[Decimal], skip: int, count: int) -> Iterator[Decimal]:
    for _ in range(skip):
        next(days)
    for _ in range(count):
        yield next(days)


def _backtest(spend: Sequence[Decimal], weeks: int, ahead: int) -> Iterator[Decimal]:
    """Yield actual minus predicted spend for each past day from which `ahead` days could have been predicted."""
    for cut in range(CYCLE_DAYS, len(spend) - ahead + 1):
        past = spend[:cut]
        used = min(weeks, len(past) // CYCLE_DAYS)
        yield sum(spend[cut : cut + ahead], Decimal(0)) - sum(islice_days(_predict(past, used), 0, ahead), Decimal(0))


def _spread(errors: Sequence[Decimal]) -> Decimal:
    """Return the size that 8 of 10 errors do not exceed."""
    if len(errors) < 2:
        return abs(errors[0]) if errors else Decimal(0)
    return quantiles([abs(error) for error in errors], n=10, method="inclusive")[7]
