"""Rules for comparisons: of periods, of kinds of days, and of names; the periods that a question compares, and whether
it says that something rose or fell between them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.details.contrasts import MORE, asks_multiple
from agents.language.rules.figures import asks_whether
from agents.language.rules.pairs.compared_names import (
    COMPARED,
    compare_names,
    compares_names,
    find_direction,
    find_order,
)
from agents.language.rules.period_pairs import build_time_parts, label_period
from agents.language.scan import Scan
from agents.language.scope import QueryScope, get_scope, is_negated
from agents.language.times.calendar import BEFORE_AFTER, DAY_BEFORE, TimeSpan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Period, Query, Statistic

PAIR = 2


def read_comparison(found: Findings) -> Reading | None:
    """Compare periods, kinds of days, or names of one dimension."""
    scan = found.scan
    times = [time for time in scan.times if not is_negated(scan, time.first)]
    turning = _find_turning_point(found, times)
    if turning is not None:
        return _build_before_after(found, turning)
    filters = [time for time in times if time.filter is not None]
    is_of_one = len({time.filter.field for time in filters if time.filter}) == 1  # "9 to 17h on weekdays" is no pair
    if len(filters) == PAIR and (is_of_one or scan.has("compare", "than")):
        periods = [time for time in times if time.filter is None]
        scopes = [(scan.quote(time.first, time.last), get_scope(found, times=[*periods, time])) for time in filters]
        compared = _build_comparison(found, scopes)
        return compared and replace(_compare_mean_days(found, compared), premise=find_order(scan))
    than = _find_than_time(found, times)
    if than is not None:
        return (_compare_with_before(found) if than.label == "last" else None) or _ask_compared(than)
    is_pair = any(time.label == DAY_BEFORE for time in times) and not scan.has("why")
    is_asked = is_pair or scan.has("compare", "change", "rise", "fall", "than") or asks_multiple(scan)
    reading = _compare_periods(found, times) if is_asked else None
    if reading is not None:
        return reading
    is_comparison = scan.has("compare", "than") or asks_multiple(scan) or compares_names(found)
    return compare_names(found) if is_comparison else None


def _find_than_time(found: Findings, times: Sequence[TimeSpan]) -> TimeSpan | None:
    """Return the only time, where something was more "than last week": what is compared with it is not said."""
    scan = found.scan
    is_plain = not (found.groups or found.thresholds or scan.statistic_limits or found.counted_dimensions)
    points = found.list_points(times)
    is_asked = asks_whether(scan) or scan.has("how_much") or _asks_how_many_more(scan)
    if not is_plain or not is_asked or len(points) != 1 or len(times) != 1 or scan.has("why", "what_if", "forecast"):
        return None
    spans = [span for span in scan.iter_spans("operators") if span.concept.name in ("than", "above", "below")]
    is_than = any(span.end <= times[0].first and scan.are_small(span.end, times[0].first) for span in spans)
    return times[0] if is_than and find_direction(scan) and times[0].label != DAY_BEFORE else None


def _asks_how_many_more(scan: Scan) -> bool:
    """Whether it is "how many more requests than last week?", not "how many were dearer than last week?"."""
    ends = {span.end for span in scan.iter_spans("operators", "how_many")}
    return any(place < len(scan.tokens) and scan.tokens[place].text in MORE for place in ends)


def _compare_mean_days(found: Findings, compared: Reading) -> Reading:
    """Return the comparison of the mean days of "what does the average weekday cost, what a weekend day?"."""
    measures = compared.parts[0].query.measures[:1]
    is_daily = found.groups == ("day",) and found.scan.has("per")
    is_asked = (is_daily or found.scan.list_names("statistics") == ["mean"]) and MEASURES[measures[0]].is_sum
    if not is_asked or {time.filter.field for time in found.scan.times if time.filter} != {"weekday"}:
        return compared
    parts = [
        replace(part, query=replace(part.query, measures=measures, by=("day",), statistics=(Statistic.MEAN,)))
        for part in compared.parts
    ]
    return replace(compared, parts=tuple(parts))


def _find_turning_point(found: Findings, times: Sequence[TimeSpan]) -> TimeSpan | None:
    """Return the day of "before and after 26 October", or "what changed since 26 October"."""
    named = next((time for time in times if time.label == BEFORE_AFTER), None)
    if named is not None or len(times) != 1 or not found.scan.has("change") or found.groups:
        return named
    return times[0] if times[0].start and not times[0].end else None


def _compare_periods(found: Findings, times: Sequence[TimeSpan]) -> Reading | None:
    scan, points = found.scan, found.list_points(times)
    if len(points) == 1 and any(time.label == DAY_BEFORE for time in times):
        return _compare_with_before(found)
    if len(points) == PAIR:
        return _compare_two_periods(found, points)
    if len(points) > PAIR and not found.groups:
        return _build_comparison(found, [(label_period(time), get_scope(found, times=[time])) for time in points])
    is_by_name = all(not get_dimension(name).is_time for name in found.groups) and len(found.groups) < PAIR
    if len(points) == 1 and is_by_name and _asks_change(found):
        return _compare_with_before(found)
    is_bare = len(points) == 1 and scan.has("compare") and not scan.names and not found.groups
    return _ask_compared(points[0]) if is_bare else None


def _compare_two_periods(found: Findings, points: Sequence[TimeSpan]) -> Reading | None:
    """Return the comparison of two periods in their order; "more in week 4 than in week 3" takes a rise for granted."""
    ordered = sorted(points, key=lambda time: time.start or date.min)
    reading = _build_comparison(found, [(label_period(time), get_scope(found, times=[time])) for time in ordered])
    return reading and replace(
        reading, premise=_find_said_change(found.scan, is_later=points[0] is ordered[1]) or reading.premise
    )


def _find_said_change(scan: Scan, *, is_later: bool) -> str:
    """Return the change that "more in A than in B" claims, where A is the later period, or is not."""
    direction = find_direction(scan) if scan.has("than", "above", "below") else ""
    return direction and ("rise" if (direction == "more") == is_later else "fall")


def _compare_with_before(found: Findings) -> Reading | None:
    """Return the comparison of a period with the one before it."""
    parts = build_time_parts(found)
    scopes = [(each.label, QueryScope(each.query.where, each.query.period)) for each in parts]
    reading = _build_comparison(found, scopes)
    return reading and replace(reading, premise=_find_said_change(found.scan, is_later=True) or reading.premise)


def _asks_change(found: Findings) -> bool:
    """Whether "did spend rise last week?" asks for the difference to the time before."""
    scan = found.scan
    is_change = scan.has("rise", "fall", "change") and not scan.has("compare", "than", "most", "least", "what_if")
    return is_change and bool(found.measures) and not found.thresholds


def _ask_compared(time: TimeSpan) -> Reading:
    """Compare with last month: compare what with it."""
    message = text("What should {period} be compared with? Name another period.", period=label_period(time))
    choices = ("Compare last month with this month", "Compare last week with this week")
    return Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)


def _build_before_after(found: Findings, time: TimeSpan) -> Reading:
    where = get_scope(found, times=()).where
    measures = found.measures or COMPARED
    before, after = Period(end=time.period.start), Period(start=time.period.start)
    parts = (
        Part(label="before", query=Query(measures=measures, where=where, period=before)),
        Part(label="after", query=Query(measures=measures, where=where, period=after)),
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts)


def _build_comparison(found: Findings, scopes: Sequence[tuple[str, QueryScope]]) -> Reading | None:
    if len(scopes) < 2:
        return None
    measures = found.measures or ("spend", "requests")
    by = tuple(name for name in found.groups if not get_dimension(name).is_time)[:1] if found.scan.has("per") else ()
    return Reading(
        kind=QuestionKind.COMPARE,
        parts=tuple(
            Part(label=label, query=Query(measures=measures, by=by, where=scope.where, period=scope.period))
            for label, scope in scopes
        ),
        premise=find_premise(found.scan),
    )


def find_premise(scan: Scan) -> str:
    if scan.has("double") and not scan.has("fall"):
        return "double"
    if scan.has("rise", "most") and not scan.has("fall"):
        return "rise"
    return "fall" if scan.has("fall", "least") else ""
