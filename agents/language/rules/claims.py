"""Questions whether a time comes first, or is above the mean: "was the dearest day a Monday?", "is June our dearest
month?", "was last week above average?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figures import asks_whether
from agents.language.scan import STARTERS, Scan
from agents.language.scope import get_scope, list_having
from agents.language.times.calendar import TimeSpan
from workloads.query.query import Order, Query

GRAINS = ("hour_of_day", "weekday", "day", "week", "month")
WEEK_DAYS, MAX_MONTH_DAYS = 7, 31


def read_time_claim(found: Findings) -> Reading | None:
    """Return the ranking whose first group is said to be in a time."""
    scan = found.scan
    is_claim = scan.has("most", "least") and bool(scan.times) and (asks_whether(scan) or _is_said_of(scan))
    if not is_claim or found.thresholds or scan.has("than", "compare", "change", "why", "what_if", "forecast"):
        return None
    groups = [name for name in found.groups if name != "user"]
    if len(groups) > 1 or any(name not in GRAINS for name in groups):
        return None
    grain = next((span.start for span in scan.iter_spans("grains")), None)
    claim = _find_claimed(scan.times, grain)
    by = _choose_grain(claim, groups[0] if groups else "", is_before=grain is not None and claim.first < grain)
    if by is None:
        return None
    scope = get_scope(found, times=[time for time in scan.times if time is not claim])
    measures = found.measures[:1] or ("spend",)
    query = Query(
        measures=measures,
        by=(by,),
        where=scope.where,
        period=scope.period,
        order=Order(by=measures[0], descending=not scan.has("least")),
    )
    said = Query(where=(claim.filter,)) if claim.filter else Query(period=claim.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, claim=said, singular=True)


def read_time_above_mean(found: Findings) -> Reading | None:
    """Was last week above average? The weeks that are, among which it is or is not."""
    scan = found.scan
    groups = [name for name in found.groups if name != "user"]
    if not scan.statistic_limits or not scan.times or not asks_whether(scan) or len(groups) > 1 or found.thresholds:
        return None
    claim = scan.times[0]
    by = _choose_grain(claim, groups[0] if groups else "", is_before=True)
    if by not in GRAINS:
        return None
    scope = get_scope(found, times=scan.times[1:])
    having = list_having(replace(found, groups=(by,)))
    query = Query(
        measures=found.measures[:1] or ("spend",), by=(by,), where=scope.where, having=having, period=scope.period
    )
    said = Query(where=(claim.filter,)) if claim.filter else Query(period=claim.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, claim=said)


def _is_said_of(scan: Scan) -> bool:
    """Whether a verb stands right before the time: "¿el día más caro fue un lunes?"."""
    verbs = [span.end for span in scan.iter_spans("whether", "first") if span.start]
    is_asked = scan.tokens[0].text in STARTERS or scan.tokens[0].text == "¿" or scan.has("when")
    return not is_asked and any(end <= scan.times[-1].first <= end + 1 for end in verbs)


def _find_claimed(times: list[TimeSpan], grain: int | None) -> TimeSpan:
    """Return the time that is said of the first group: the last one, or the one before "our dearest month"."""
    after = [time for time in times if grain is None or time.first > grain]
    return (after or times)[-1]


def _choose_grain(claim: TimeSpan, named: str, *, is_before: bool) -> str | None:
    """Return what is ranked. "Is Monday the busiest day?" is about weekdays, "was the dearest day a Monday?" is not."""
    field = claim.filter.field if claim.filter else ""
    if field == "weekday" and (not named or is_before):
        return "weekday"
    if field == "hour_of_day":
        return "hour_of_day" if named in ("", "hour_of_day") else None
    if named or not (claim.start and claim.end):
        return named or None
    days = (claim.end - claim.start).days
    return "day" if days == 1 else "week" if days == WEEK_DAYS else "month" if days <= MAX_MONTH_DAYS else None
