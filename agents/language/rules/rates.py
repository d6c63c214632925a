"""Rates: requests or tokens per minute, at the busiest minute and on average, as the limits of providers are stated."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Quotient, Reading
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query, Statistic

RATE_GRAINS = ("minute", "second")
RATES: Mapping[str, str] = MappingProxyType({"requests": "requests_per_minute", "tokens": "tokens_per_minute"})
PER = frozenset({"per", "pro", "je", "par", "por", "each", "every", "jede", "chaque", "cada"})
IN, OUT = "input_tokens", "output_tokens"
INTO = frozenset(("in", "rein", "hinein", "reingehen", "reinkommen", "entrent", "entre", "entran", "entra"))
OUT_OF = frozenset(("out", "raus", "heraus", "herauskommt", "rauskommt", "sort", "sortent", "sale", "salen"))
"""Words of tokens that "go in" and "come out"."""

HOUR = frozenset({"hour", "stunde", "heure", "hora"})
OTHERWISE = ("most", "least", "top", "compare", "why", "share", "what_if", "forecast")
"""Operators of questions that are about more than the mean of an hour."""

SHOWN = 5
"""Of the busiest minutes."""


def read_peak(found: Findings) -> Reading | None:
    """Requests per minute at peak: the busiest minutes; without a peak, the mean over the whole time."""
    scan = found.scan
    grain = next((name for name in found.groups if name in RATE_GRAINS), None)
    is_peak = scan.has("peak", "most")
    if grain is None and is_peak and scan.has("peak", "per") and "hour_of_day" in found.groups and _is_per_hour(found):
        grain = "hour"
    if grain is None or found.thresholds or scan.has("compare", "why", "what_if", "forecast"):
        return None
    others = tuple(name for name in found.groups if name not in (grain, "hour_of_day"))
    measures = tuple(name for name in found.measures if MEASURES[name].is_sum)[:1] or ("requests",)
    scope = get_scope(found)
    if not is_peak and grain == "minute" and measures[0] in RATES and not others:
        query = Query(measures=(RATES[measures[0]], *measures), where=scope.where, period=scope.period)
        return Reading(kind=QuestionKind.MEASURE, query=query)
    query = Query(
        measures=measures,
        by=(*others, grain),
        where=scope.where,
        period=scope.period,
        order=Order(by=measures[0]),
        limit=None if others else SHOWN,
        limit_each=1 if others else None,
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, singular=True)


def read_hourly(found: Findings) -> Reading | None:
    """How many calls were there per hour? The mean of an hour, and the hours of the day; not "by hour of the day"."""
    scan = found.scan
    is_hourly = found.groups == ("hour_of_day",) and _says_per_hour(found) and found.extent.is_dated
    is_mean = scan.list_names("statistics") in ([], ["mean"]) and not found.thresholds and not scan.has(*OTHERWISE)
    if not is_hourly or not is_mean or found.extent.first == found.extent.last:
        return None
    measures = tuple(name for name in found.measures if MEASURES[name].is_sum) or (() if found.measures else ("spend",))
    if not measures:
        return None
    scope = get_scope(found)
    query = Query(measures=measures, by=("hour_of_day",), where=scope.where, period=scope.period)
    mean = replace(query, by=("hour",), statistics=(Statistic.MEAN,))
    return Reading(kind=QuestionKind.MEASURE, query=mean, rest=(Reading(kind=QuestionKind.MEASURE, query=query),))


def _says_per_hour(found: Findings) -> bool:
    """Whether "per hour" or "an hour" is said, of a word that does not mean the hour of the day by itself."""
    spans = [span for span in found.scan.iter_spans("grains", "hour_of_day") if span.end - span.start == 1]
    before = {span.end: found.scan.tokens[span.end - 1].text for span in found.scan.iter_spans("operators", "per")}
    return any(before.get(span.start) in PER and found.scan.tokens[span.start].text in HOUR for span in spans)


def read_output_speed(found: Findings) -> Reading | None:
    """How many tokens per second do we get? What models write in the time that requests take, by model."""
    scan = found.scan
    is_speed = "second" in found.groups and bool(found.measures) and set(found.measures) <= {"tokens", "output_tokens"}
    if not is_speed or scan.has("peak", "most", "compare", "why", "what_if") or found.thresholds:
        return None
    others = tuple(name for name in found.groups if name != "second")
    by = others or tuple(name for name in ("model",) if name in scan.vocabulary.dimensions)
    scope = get_scope(found)
    query = Query(measures=("output_per_second",), by=by, where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query)


def read_input_per_output(found: Findings) -> Reading | None:
    """How many tokens go in for each one that comes out? Input tokens for output tokens, or the other way round."""
    scan, texts = found.scan, [token.text for token in found.scan.tokens]
    places = [place for place, text in enumerate(texts) if text in INTO or text in OUT_OF]
    sides = [IN if texts[place] in INTO else OUT for place in places]
    if sorted(sides) != [IN, OUT] or found.measures != ("tokens",) or scan.has("why", "what_if", "forecast"):
        return None
    between = range(*places)
    is_rate = not PER.isdisjoint(texts[place] for place in between) and not any(map(scan.is_and, between))
    if not is_rate or not scan.has("how_many") or found.thresholds:
        return None
    scope = get_scope(found)
    query = Query(measures=tuple(sides), by=found.groups[:1], where=scope.where, period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, quotient=Quotient(part=sides[0], whole=sides[1]))


def _is_per_hour(found: Findings) -> bool:
    """Whether "per hour" is said, and not only "at what hour"."""
    hours = [span.start for span in found.scan.iter_spans("grains", "hour_of_day")]
    return any(span.end in hours for span in found.scan.iter_spans("operators", "per")) and found.scan.has("peak")
