"""Find days that differ from the others: a robust z-score against the same weekday, or against all days of a short log.

The score of a day is 0.6745 × (value - median) / median absolute deviation (Iglewicz and Hoaglin); 3.5 and more is
unusual. Where most days are equal, a tenth of the median stands for the deviation, so that a cent is no anomaly."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.query.measures import MEASURES
from workloads.query.measuring import measure
from workloads.query.query import Query
from workloads.query.result import to_decimal

THRESHOLD = 3.5
CONSISTENCY = 0.6745
MIN_DAYS = 7
MIN_WEEKS_BY_WEEKDAY = 6
"""Weeks from which a weekday is compared with itself only."""
MAX_ANOMALIES = 20
MAX_GROUPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """A day whose `value` is far from the `usual` one. `group`: the value of the dimension that was looked at."""

    day: date
    group: str | None
    value: Decimal
    usual: Decimal
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomalies:
    """The most unusual days, largest score first. `days` were looked at; too few of them show nothing: see `note`."""

    measure: str
    dimension: str | None
    found: tuple[Anomaly, ...]
    days: int
    note: Text | None


def find_anomalies(log: PricedLog, query: Query, dimension: str | None = None) -> Anomalies:
    """Return the unusual days of the first measure of `query`, for all of its requests or each value of `dimension`."""
    name = query.measures[0]
    whole = measure(log, Query(measures=("requests",), by=("day",), zone=query.zone))
    days = [_to_day(row[0]) for row in whole.rows]
    if len(days) < MIN_DAYS:
        note = text("At least {least} days are needed to tell what is usual.", least=MIN_DAYS)
        return Anomalies(measure=name, dimension=dimension, found=(), days=len(days), note=note)
    by = ("day",) if dimension is None else (dimension, "day")
    rows = measure(
        log, replace(query, measures=(name,), by=by, order=None, limit=None, statistics=(), shares=False)
    ).rows
    series: dict[str | None, dict[date, float]] = {}
    for *group, day, value in (row[: len(by) + 1] for row in rows):
        series.setdefault(None if not group else str(group[0]), {})[_to_day(day)] = float(to_decimal(value))
    calendar = [days[0] + timedelta(days=i) for i in range((days[-1] - days[0]).days + 1)]
    is_sum = MEASURES[name].is_sum
    found = [
        anomaly
        for group, values in list(series.items())[:MAX_GROUPS]
        for anomaly in _score(group, values, calendar if is_sum else sorted(values))
    ]
    found.sort(key=lambda each: -abs(each.score))
    return Anomalies(measure=name, dimension=dimension, found=tuple(found[:MAX_ANOMALIES]), days=len(days), note=None)


def _score(group: str | None, values: dict[date, float], calendar: list[date]) -> list[Anomaly]:
    by_weekday = len(calendar) >= MIN_WEEKS_BY_WEEKDAY * 7
    found = []
    for day in calendar:
        peers = [values.get(each, 0.0) for each in calendar if not by_weekday or each.weekday() == day.weekday()]
        middle = median(peers)
        spread = median(abs(each - middle) for each in peers)
        floor = max(abs(middle) / 10, 1e-9)
        score = CONSISTENCY * (values.get(day, 0.0) - middle) / max(spread, floor)
        if abs(score) >= THRESHOLD:
            found.append(
                Anomaly(
                    day=day,
                    group=group,
                    value=Decimal(str(values.get(day, 0.0))),
                    usual=Decimal(str(middle)),
                    score=score,
                )
            )
    return found


def _to_day(value: object) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value))
