"""Rules for what will be, what is unusual, and which days there are: forecasts, anomalies and the covered period."""

from dataclasses import replace
from datetime import date, timedelta

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import asks_whether
from agents.language.scope import get_scope
from agents.language.times.calendar import TimeSpan
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Period, Query

MAX_FORECASTS = 8
ENDS = frozenset({"end", "ende", "fin", "fine", "final", "finales"})
MONTHS = frozenset({"month", "monat", "monats", "monatsende", "mois", "mes"})
YEARS = frozenset({"year", "jahr", "jahres", "jahresende", "annee", "ano"})


def read_forecast(found: Findings) -> Reading | None:
    scan, last = found.scan, found.extent.last
    is_future = any(time.start and time.start > last for time in scan.times)
    is_limit = found.money is not None and asks_whether(scan) and scan.has("above", "below", "at_most", "at_least")
    is_open = any(time.start and time.end and time.end > last + timedelta(days=1) for time in scan.times)
    is_asked = (
        scan.has("forecast")
        or (is_limit and is_open)
        or (is_future and ("will" in found.words or found.measures or scan.has("what_if")))
    )
    if not is_asked:
        return None
    after = last + timedelta(days=1)
    point = next(iter(found.list_points()), None)
    point = point or _find_end(found, after)
    length = 30 if "month" in found.groups else 7
    horizon = (
        (point.start, point.end) if point and point.start and point.end else (after, after + timedelta(days=length))
    )
    reading = Reading(kind=QuestionKind.FORECAST, query=Query(where=get_scope(found, times=()).where), horizon=horizon)
    if found.money is not None:
        premise = "above" if scan.has("above", "at_least") else "below"
        reading = replace(reading, goal_usd=found.money.value, premise=premise)
    return _split_forecast(found, reading)


def _find_end(found: Findings, after: date) -> TimeSpan | None:
    """Return the time up to "the end of the year" or of the month."""
    if YEARS & found.words:
        return TimeSpan(first=0, last=0, start=after, end=date(after.year + 1, 1, 1))
    if MONTHS & found.words and (ENDS & found.words or "monatsende" in found.words):
        return TimeSpan(first=0, last=0, start=after, end=(after.replace(day=1) + timedelta(days=31)).replace(day=1))
    return None


def _split_forecast(found: Findings, reading: Reading) -> Reading:
    """Return a forecast for each value of the dimension that was asked for, those with the most spend first."""
    dimension = next((each for each in found.groups if not get_dimension(each).is_time), None)
    if dimension is None:
        return reading
    names = (name for names in found.scan.vocabulary.by_tokens.values() for name in names)
    values = [name.value for name in names if name.dimension == dimension][:MAX_FORECASTS]
    each = [
        replace(
            reading, query=replace(reading.query, where=(*reading.query.where, Filter(field=dimension, values=(v,))))
        )
        for v in values
    ]
    return replace(reading, rest=tuple(each))


def read_anomalies(found: Findings) -> Reading | None:
    if not found.scan.has("anomaly"):
        return None
    measures = found.measures or ("spend",)
    dimension = next((each for each in found.groups if not get_dimension(each).is_time), None)
    query = Query(measures=measures[:1], where=get_scope(found).where, period=Period())
    return Reading(kind=QuestionKind.ANOMALIES, query=replace(query, by=()), dimension=dimension)


def read_covered_period(found: Findings) -> Reading | None:
    return Reading(kind=QuestionKind.PERIOD) if found.scan.has("period_covered") else None
