"""Rules for what will be, what is unusual, and which days there are: forecasts, anomalies and the covered period."""

from dataclasses import replace
from datetime import date, timedelta

from agents.language.findings import Findings
from agents.language.phrases.factors import find_factor
from agents.language.reading import QuestionKind, Reading, SupposedChange, Supposition
from agents.language.rules.figures import asks_whether
from agents.language.rules.period_pairs import label_period
from agents.language.scope import get_scope
from agents.language.times.calendar import TimeSpan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Period, Query

MAX_FORECASTS = 8
MIN_DAYS = 14
"""Of a log for which a forecast can be offered."""

SCALING = frozenset({SupposedChange.TRAFFIC, SupposedChange.PRICE})
"""Changes by which a forecast is multiplied."""

CONDITIONS = frozenset(
    ("if", "with", "at", "assuming", "under", "given", "wenn", "mit", "bei", "falls", "si", "avec", "con", "a")
)
COMING = ("next", "tomorrow")
AHEAD = frozenset(
    (
        *(
            "will",
            "shall",
            "next",
            "following",
            "nachste",
            "nachsten",
            "nachster",
            "nachstes",
            "prochains",
            "prochaines",
        ),
        *("proximo", "proxima", "proximos", "proximas", "siguiente", "suivant", "suivante"),
        *("going", "expected", "expect", "coming", "if", "upcoming", "would", "could", "likely"),
        *("werden", "wird", "wurde", "wurden", "wenn", "kommende", "kommenden", "kommt", "si", "sera", "serait"),
        *("coutera", "couterait", "depenserons", "prochain", "prochaine", "gastaremos", "costara", "costaria"),
    )
)
"""Words of what is not known yet."""

ENDS = frozenset({"end", "ende", "fin", "fine", "final", "finales"})
ENDING = frozenset(
    (
        *("end", "ends", "finish", "finishes", "close", "land", "lands", "endet", "landet", "finira", "terminera"),
        *("terminara", "acabara", "cerrara"),
    )
)
"""Verbs of "what will the month end at?"."""

OF = frozenset({"of", "des", "du", "de", "del"})
LEFT = frozenset(("rest", "left", "remaining", "restlichen", "reste", "resto"))
REST = LEFT | {"until", "till", "more", "noch", "encore", "queda"}
"""Words of what is still to come."""

MONTHS = frozenset({"month", "monat", "monats", "monatsende", "mois", "mes"})
YEARS = frozenset({"year", "jahr", "jahres", "jahresende", "annee", "ano"})


def read_forecast(found: Findings) -> Reading | None:
    scan, last = found.scan, found.extent.last
    if _is_outside(found):
        return _say_extent(found)
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
    reading = Reading(
        kind=QuestionKind.FORECAST,
        query=Query(where=get_scope(found, times=()).where),
        horizon=horizon,
        supposition=_find_supposition(found),
    )
    if found.money is not None:
        premise = "above" if scan.has("above", "at_least") else "below"
        reading = replace(reading, goal_usd=found.money.value, premise=premise)
    return _split_forecast(found, reading)


def read_scaled_forecast(found: Findings) -> Reading | None:
    """What would next month cost at twice the traffic? The forecast, times two."""
    later = any(time.start and time.start > found.extent.last for time in found.scan.times)
    is_scaled = later and _has_weeks(found) and _find_supposition(found) is not None
    return read_forecast(found) if is_scaled and not found.scan.has("than", "compare", "why") else None


def _is_outside(found: Findings) -> bool:
    """Whether a figure of a time after the log is asked for as if it were known: "what did we spend on 20 May?"."""
    scan, points = found.scan, found.list_points()
    is_ahead = scan.has("forecast", "what_if", "goal", "above", "below", "at_most", "at_least", "compare", "change")
    is_ahead = is_ahead or not AHEAD.isdisjoint(found.words) or any(time.label in COMING for time in scan.times)
    is_open = any(time.start is None or time.end is None for time in scan.times if time.filter is None)
    is_later = bool(points) and all(each.start and each.start > found.extent.last for each in points)
    return is_later and not is_ahead and not is_open and found.extent.is_dated


def _say_extent(found: Findings) -> Reading:
    time = found.list_points()[0]
    message = text(
        "The log covers {first} to {last}, so it has nothing of {period}.",
        first=found.extent.first.isoformat(),
        last=found.extent.last.isoformat(),
        period=label_period(time),
    )
    is_day = time.start is not None and time.end == time.start + timedelta(days=1)
    when = f"on {time.start}" if is_day else f"from {label_period(time)}"
    choices = (f"What will we spend {when}?",) if _has_weeks(found) else ()
    return Reading(kind=QuestionKind.CANNOT, topic="period", message=message, choices=choices)


def _has_weeks(found: Findings) -> bool:
    """Whether the log is long enough for a forecast."""
    return found.extent.is_dated and (found.extent.last - found.extent.first).days + 1 >= MIN_DAYS


def _find_supposition(found: Findings) -> Supposition | None:
    """Return the other number of requests, or the other prices, that a forecast is asked for with."""
    supposition = find_factor(found) if CONDITIONS & found.words or found.scan.has("what_if") else None
    return supposition if supposition is not None and supposition.change in SCALING else None


def _find_end(found: Findings, after: date) -> TimeSpan | None:
    """Return the time up to "the end of the year" or of the month; the whole month for "what will it end at?"."""
    if YEARS & found.words:
        return TimeSpan(first=0, last=0, start=after, end=date(after.year + 1, 1, 1))
    is_whole = _asks_of_whole(found)
    is_end = not found.words.isdisjoint(ENDS | LEFT) or "monatsende" in found.words
    if MONTHS & found.words and (is_end or is_whole):
        start = after.replace(day=1) if is_whole else after
        return TimeSpan(first=0, last=0, start=start, end=(after.replace(day=1) + timedelta(days=31)).replace(day=1))
    return None


def _asks_of_whole(found: Findings) -> bool:
    """Whether a verb says that the month ends: "what will the month end at?"; not "the end of the month"."""
    texts = [token.text for token in found.scan.tokens]
    verbs = (each for each, after in zip(texts, (*texts[1:], ""), strict=True) if after not in OF)
    return not ENDING.isdisjoint(verbs) and REST.isdisjoint(texts)


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
