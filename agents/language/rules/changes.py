"""Rules for changes: why an amount changed between two periods, what it is made of, and what is new in a period or not
used any more, "which features are new this week?"."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.comparisons import PAIR, find_premise, read_comparison
from agents.language.rules.period_pairs import build_time_parts, label_period
from agents.language.scope import QueryScope, get_scope, is_negated
from agents.language.times.calendar import TimeSpan
from core.i18n.text import text
from workloads.query.dimensions import get_dimension
from workloads.query.query import Order, Period, Query

SPEND_MEASURES = frozenset({"spend", "cost_per_request", "failed_spend", "input_spend", "output_spend"})
OTHERS = ("requests", "spend")
"""Figures that are shown beside the one that changed."""

PARTS_OF_SPEND = ("feature", "model", "user", "team", "customer")
"""The dimensions by which the cost of something is taken apart."""

NEW, GONE = "new", "gone"
OPEN = "open cause"
"""The topic of a cause whose group is not known yet: rules.causes settles it."""


def read_explanation(found: Findings) -> Reading | None:
    scan = found.scan
    if not _asks_why(found):
        return None
    if scan.has("most") and len(scan.names) == 1 and not scan.times and found.groups:
        return _read_superlative(found)
    if len([time for time in scan.times if time.filter]) == 2:
        return read_comparison(found)
    if _asks_of_first(found):
        return _read_first(found)
    if (gap := _read_gap(found)) is not None:
        return gap
    return _read_change_in_time(found)


def _read_change_in_time(found: Findings) -> Reading | None:
    scan, parts = found.scan, build_time_parts(found)
    if len(parts) == 2:
        return _read_change(found, parts)
    return None if scan.has("anomaly") else _read_open_explanation(found)


def _read_gap(found: Findings) -> Reading | None:
    """Return why two names differ: "why is doc-search dearer than chat-help?"."""
    spans = [span for span in found.scan.names if not is_negated(found.scan, span.start)]
    is_pair = len(spans) == len(found.scan.names) == PAIR and len({s.names[0].dimension for s in spans}) == 1
    is_asked = found.scan.has("than", "above", "below") and not found.scan.times
    if not (is_pair and is_asked) or (found.measures and not SPEND_MEASURES.intersection(found.measures)):
        return None
    parts = tuple(
        Part(
            label=found.scan.quote(span.start, span.end),
            query=Query(where=get_scope(found, names=[span]).where),
        )
        for span in reversed(spans)
    )
    return Reading(kind=QuestionKind.EXPLAIN, parts=parts)


def _asks_of_first(found: Findings) -> bool:
    """Whether a cause is asked for of what comes first: "why was the most expensive day so expensive?"."""
    scan = found.scan
    ranks = {span.end for span in scan.iter_spans("operators") if span.concept.name in ("most", "least")}
    groups = [span.start for kind in ("dimensions", "grains") for span in scan.iter_spans(kind)]
    is_first = len(found.groups) == 1 and len(groups) == 1 and groups[0] in ranks
    return is_first and scan.has("why") and not scan.names and not scan.has("than", "compare", "change")


def _read_first(found: Findings) -> Reading:
    scope = get_scope(found)
    order = Order(by="spend", descending=not found.scan.has("least"))
    query = Query(by=found.groups, where=scope.where, period=scope.period, order=order)
    cause = Reading(kind=QuestionKind.EXPLAIN, topic=OPEN)
    return Reading(kind=QuestionKind.MEASURE, query=query, singular=True, rest=(cause,))


def _read_open_explanation(found: Findings) -> Reading:
    """Why is something so expensive? What it is made of; without a name, the question before tells what is meant."""
    scan, scope = found.scan, get_scope(found)
    if scope.where:
        return _take_apart(found, scope)
    return Reading(kind=QuestionKind.EXPLAIN, premise=find_premise(scan), is_fragment=True)


def _asks_why(found: Findings) -> bool:
    """Whether a cause is asked for, or what changed most between two periods."""
    scan, points = found.scan, found.list_points()
    is_spike = scan.has("anomaly") and bool(found.groups) and bool(points)
    is_why = scan.has("why") or (scan.has("decompose") and scan.has("change", "rise", "fall"))
    if is_why or is_spike or _asks_what_changed(found, points):
        return True
    ranks = scan.has("most", "least", "than") or len(points) == PAIR
    return scan.has("rise", "fall", "than") and bool(points) and ranks and bool(_list_named_groups(found))


def _asks_what_changed(found: Findings, points: Sequence[TimeSpan]) -> bool:
    """Whether "what changed in week 6?" asks for the causes."""
    is_open = not found.measures and not found.groups and not found.thresholds and not found.scan.has("compare")
    return is_open and found.scan.has("change") and len(points) == 1 and points[0].start is not None


def _read_change(found: Findings, parts: tuple[Part, ...]) -> Reading:
    if found.measures and not SPEND_MEASURES.intersection(found.measures):
        return _read_rate_change(found, parts)
    dimension = next(iter(_list_named_groups(found)), None)
    return Reading(kind=QuestionKind.EXPLAIN, parts=parts, premise=find_premise(found.scan), dimension=dimension)


def _list_named_groups(found: Findings) -> tuple[str, ...]:
    return tuple(name for name in found.groups if not get_dimension(name).is_time)


def _choose_parts(found: Findings) -> tuple[str, ...]:
    """Return what is shown of the parts: the figure that is asked about, with those that it depends on."""
    if not found.measures or SPEND_MEASURES.intersection(found.measures):
        return ("spend", "requests", "cost_per_request")
    others = ("requests", "output_per_request") if found.measures[0].startswith("latency") else ("requests",)
    return tuple(dict.fromkeys((found.measures[0], *others)))


def _take_apart(found: Findings, scope: QueryScope) -> Reading:
    """Why is Harbor Health so expensive? What its spend is made of."""
    used = {each.field for each in scope.where}
    known = [each for each in PARTS_OF_SPEND if each in found.scan.vocabulary.dimensions and each not in used]
    measures = _choose_parts(found)
    queries = [Query(measures=measures, by=(each,), where=scope.where, period=scope.period) for each in known[:3]]
    first, *others = queries or [Query(measures=measures, where=scope.where, period=scope.period)]
    rest = tuple(Reading(kind=QuestionKind.MEASURE, query=query) for query in others)
    return Reading(kind=QuestionKind.MEASURE, query=first, rest=rest)


def _read_superlative(found: Findings) -> Reading:
    """Why is X our most expensive model? The ranking tells whether it is."""
    name = found.scan.names[0].names[0]
    scope = get_scope(found, names=())
    query = Query(measures=found.measures[:1] or ("spend",), by=(name.dimension,), period=scope.period)
    return Reading(kind=QuestionKind.MEASURE, query=query, premise=name.value, singular=True)


def _read_rate_change(found: Findings, parts: Sequence[Part]) -> Reading:
    """Why did the error rate fall? Compare it with the time before."""
    is_error = bool({"error_rate", "failures"}.intersection(found.measures))
    measures = (
        ("error_rate", "failures", "requests") if is_error else (*found.measures, *OTHERS[: 3 - len(found.measures)])
    )
    measures = tuple(dict.fromkeys(measures))
    changed = tuple(replace(part, query=replace(part.query, measures=measures)) for part in parts)
    return Reading(kind=QuestionKind.COMPARE, parts=changed, premise="fall" if found.scan.has("fall") else "rise")


def read_arrivals(found: Findings) -> Reading | None:
    """Return the groups of a period and those of the rest of the log: before it, or all of the rest for those gone."""
    scan = found.scan
    groups = tuple(name for name in found.groups if not get_dimension(name).is_time)[:1]
    if not scan.has(NEW, GONE) or not groups or scan.has("both_logs", "compare", "why"):
        return None
    points = found.list_points()
    if len(points) != 1 or points[0].start is None:
        message = text("New since when? Name a period.")
        name = groups[0].replace("_", " ")
        choices = (f"Which {name}s are new this week?", f"Which {name}s are new this month?")
        return (
            None if points else Reading(kind=QuestionKind.CLARIFY, message=message, choices=choices, is_fragment=True)
        )
    where = get_scope(found, times=()).where
    time = points[0]
    measures = found.measures[:1] or ("spend",)
    before = Query(measures=measures, by=groups, where=where, period=Period(end=time.period.start))
    after = Query(measures=measures, by=groups, where=where, period=time.period)
    parts = (Part(label="before", query=before), Part(label=label_period(time), query=after))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic=NEW if scan.has(NEW) else GONE, dimension=groups[0])
