"""Find days that differ from the others: a robust z-score against the same weekday, or against all days where the log
has less than three weeks.

The score of a day is 0.6745 × (value - median) / median absolute deviation (Iglewicz and Hoaglin); 3.5 and more is
unusual. Where most days are equal, a tenth of the median stands for the deviation, so that a cent is no anomaly."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import median

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import index_dimensions
from workloads.query.measures import MEASURES
from workloads.query.measuring import fetch_groups, measure, prepare_query
from workloads.query.query import Query
from workloads.query.result import Derivation, to_cell, to_decimal

THRESHOLD = 3.5
CONSISTENCY = 0.6745
MIN_DAYS = 7
MIN_WEEKS_TO_PART_WEEKDAYS = 3
"""Weeks from which a day is compared with what is usual on its weekday: a quiet Sunday is no anomaly."""
MIN_WEEKS_OF_A_WEEKDAY = 6
"""Weeks from which a weekday's own deviations tell what is far; those of all days do before."""
MAX_ANOMALIES = 20
MAX_GROUPS = 200
MAX_DAYS = 1_100
"""Three years."""


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
    """The most unusual days, largest score first. `days` were looked at; too few of them show nothing: see `note`.

    `private`: the groups are values that no remote model may get; `private_names`: their field,
    if only their names are.
    """

    measure: str
    dimension: str | None
    private: bool
    found: tuple[Anomaly, ...]
    days: int
    note: Text | None
    derivation: Derivation | None = None
    private_names: str = ""


def find_anomalies(log: PricedLog, query: Query, dimension: str | None = None) -> Anomalies:
    """Return the unusual days of the first measure of `query`, for all of its requests or each value of `dimension`.

    Days outside the query's period don't count. Raises BadInput for a log without dates.
    """
    name = query.measures[0]
    by = ("day",) if dimension is None else (dimension, "day")
    query = prepare_query(log, Query(measures=(name,), by=by, where=query.where, period=query.period, zone=query.zone))
    calendar = _list_days(log, query)
    looked_at = None if dimension is None else index_dimensions(log)[dimension]
    nothing = Anomalies(
        measure=name,
        dimension=dimension,
        private=looked_at is not None and looked_at.is_kept,
        private_names="group" if looked_at is not None and looked_at.is_private else "",
        found=(),
        days=len(calendar),
        note=None,
    )
    if len(calendar) < MIN_DAYS:
        return replace(nothing, note=text("At least {least} days are needed to tell what is usual.", least=MIN_DAYS))
    series: dict[str | None, dict[date, float]] = {}
    for *group, day, value in fetch_groups(log, query):
        if value is not None:
            key = None if not group or group[0] is None else str(to_cell(group[0]))
            series.setdefault(key, {})[_to_day(day)] = float(to_decimal(value))
    is_sum = MEASURES[name].is_sum
    found = [
        anomaly
        for group, values in list(series.items())[:MAX_GROUPS]
        for anomaly in _score(group, values, calendar if is_sum else sorted(values))
    ]
    found = _leave_out_parts(log, query, found)
    found.sort(key=lambda each: -abs(each.score))
    method = text("days far from the median: a robust z-score of 3.5 or more")
    derivation = replace(measure(log, replace(query, limit=1)).derivations[0], formula=method)
    return replace(nothing, found=tuple(found[:MAX_ANOMALIES]), derivation=derivation)


def _list_days(log: PricedLog, query: Query) -> list[date]:
    """Return the days of the log within the query's period, at most the last MAX_DAYS."""
    rows = fetch_groups(log, Query(measures=("requests",), by=("day",), period=query.period, zone=query.zone))
    if not rows:
        return []
    first, last = _to_day(rows[0][0]), _to_day(rows[-1][0])
    count = min((last - first).days + 1, MAX_DAYS)
    return [last - timedelta(days=count - 1 - i) for i in range(count)]


def _leave_out_parts(log: PricedLog, query: Query, found: list[Anomaly]) -> list[Anomaly]:
    """Return the days without low ones of which the log has only a part: its first and last, if the log begins later
    or ends earlier in the day than the days between them mostly do."""
    if all(each.score > 0 for each in found):
        return found
    hours: dict[date, list[int]] = {}
    for day, hour, _ in fetch_groups(log, Query(measures=("requests",), by=("day", "hour_of_day"), zone=query.zone)):
        hours.setdefault(_to_day(day), []).append(int(str(hour)))
    first, last = min(hours), max(hours)
    between = [each for day, each in hours.items() if day not in (first, last)] or list(hours.values())
    parts = {first} if min(hours[first]) > median(min(each) for each in between) else set()
    parts |= {last} if max(hours[last]) < median(max(each) for each in between) else set()
    return [each for each in found if each.score > 0 or each.day not in parts]


def _score(group: str | None, values: dict[date, float], days: list[date]) -> list[Anomaly]:
    peers = [(day, values.get(day, 0.0)) for day in days]
    weeks = len(days) // 7
    if weeks < MIN_WEEKS_TO_PART_WEEKDAYS:
        return _compare(group, peers, [median(value for _, value in peers)] * len(peers))
    weekdays = [[(day, value) for day, value in peers if day.weekday() == weekday] for weekday in range(7)]
    usual = [median(value for _, value in each) if each else 0.0 for each in weekdays]
    if weeks < MIN_WEEKS_OF_A_WEEKDAY:
        return _compare(group, peers, [usual[day.weekday()] for day, _ in peers])
    return [
        anomaly
        for each, one in zip(weekdays, usual, strict=True)
        if each
        for anomaly in _compare(group, each, [one] * len(each))
    ]


def _compare(group: str | None, peers: list[tuple[date, float]], usual: list[float]) -> list[Anomaly]:
    """Return the days that are far from what is usual for them, by what all of them deviate from it."""
    deviation = median(abs(value - one) for (_, value), one in zip(peers, usual, strict=True))
    found = []
    for (day, value), one in zip(peers, usual, strict=True):
        score = CONSISTENCY * (value - one) / max(deviation, abs(one) / 10, 1e-9)
        if abs(score) >= THRESHOLD:
            found.append(Anomaly(day=day, group=group, value=_to_figure(value), usual=_to_figure(one), score=score))
    return found


def _to_figure(value: float) -> Decimal:
    return Decimal(str(value))


def _to_day(value: object) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value))
