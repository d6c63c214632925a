"""Rates: requests or tokens per minute, at the busiest minute and on average, as the limits of providers are stated."""

from collections.abc import Mapping
from types import MappingProxyType

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query

RATE_GRAINS = ("minute", "second")
RATES: Mapping[str, str] = MappingProxyType({"requests": "requests_per_minute", "tokens": "tokens_per_minute"})
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


def _is_per_hour(found: Findings) -> bool:
    """Whether "per hour" is said, and not only "at what hour"."""
    hours = [span.start for span in found.scan.iter_spans("grains", "hour_of_day")]
    return any(span.end in hours for span in found.scan.iter_spans("operators", "per")) and found.scan.has("peak")
