"""Why one group comes first, "which day was the most expensive, and why?", and why two answers differ.

A time is compared with the one before it, anything else is taken apart. Which group comes first is only known when it
was measured, so such a question is read as a ranking with an open cause (OPEN), which agents.answers.causes settles."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from types import MappingProxyType

from agents.language.reading import Part, QuestionKind, Reading, Turn
from agents.language.rules.changes import OPEN, PARTS_OF_SPEND, SPEND_MEASURES
from agents.language.rules.period_pairs import label_period
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays, TimeSpan, get_period, shift_months
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Operator, Period, Query

DAYS: Mapping[str, int] = MappingProxyType({"day": 1, "week": 7})
SATURDAY = 5
PAIR = 2
MEASURES_OF_PART = ("spend", "requests", "cost_per_request")
SUMS_OF_SPEND = SPEND_MEASURES - {"cost_per_request"}
FAILURES = frozenset({"error_rate", "failures"})
GROUPS_OF_FAILURES = ("error", "feature", "model")


def add_open_cause(reading: Reading) -> Reading | None:
    """Return a ranking, or a comparison of two periods, with the question for its cause; None for anything else."""
    if reading.kind is QuestionKind.REQUESTS and reading.singular and not reading.rest:
        return replace(reading, kind=QuestionKind.REQUEST_PARTS)
    last = reading.rest[-1] if reading.rest else reading
    query = last.query
    if last.kind is QuestionKind.COMPARE and is_change_of_spend(last) and not reading.rest:
        by = next((name for name in last.parts[0].query.by if not get_dimension(name).is_time), None)
        return Reading(kind=QuestionKind.EXPLAIN, parts=last.parts, dimension=by, premise=last.premise)
    if (
        last.kind is QuestionKind.MEASURE
        and query.order is not None
        and len(query.by) == 1
        and (not reading.rest or last.member)
    ):
        if query.statistics or query.limit_each:
            return None
        return replace(reading, rest=(*reading.rest, Reading(kind=QuestionKind.EXPLAIN, topic=OPEN)))
    return None


def is_change_of_spend(reading: Reading) -> bool:
    """Whether the spend of two periods is compared."""
    periods = {part.query.period for part in reading.parts}
    of_spend = all(part.query.measures[0] in SUMS_OF_SPEND for part in reading.parts)
    return len(reading.parts) == PAIR and len(periods) == PAIR and of_spend and not reading.is_ratio


def explain_group(query: Query, value: object, dimensions: Collection[str], days: Collection[date]) -> Reading:
    """Return why a group of a query costs what it does. `days` have requests, by which a time can be explained."""
    if not SPEND_MEASURES.intersection(query.measures[:1]):
        return _take_apart(query, value, dimensions)
    start = value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    grain = query.by[0]
    before = None if start is None else _find_before(grain, start, days)
    if start is None or before is None:
        return _take_apart(query, value, dimensions)
    first, second = (get_period(grain, day) for day in (before, start))
    parts = tuple(
        Part(label=_label(period), query=Query(where=query.where, period=period, zone=query.zone))
        for period in (first, second)
    )
    return Reading(kind=QuestionKind.EXPLAIN, parts=parts)


def _find_before(grain: str, start: date, days: Collection[date]) -> date | None:
    """Return the time before one: of a day the day before, or a week before if only one of them is at a weekend."""
    if grain == "month":
        candidates = [shift_months(start, -1)]
    elif grain in DAYS:
        candidates = [start - timedelta(days=DAYS[grain])]
    else:
        return None
    if grain == "day" and (start.weekday() < SATURDAY) != (candidates[0].weekday() < SATURDAY):
        candidates.insert(0, start - timedelta(days=7))
    return next((day for day in candidates if day in days), None)


def _label(period: Period) -> str:
    start, end = (None if each is None else each.date() for each in (period.start, period.end))
    return label_period(TimeSpan(first=0, last=0, start=start, end=end))


def _take_apart(query: Query, value: object, dimensions: Collection[str]) -> Reading:
    """Return what the spend of a group is made of."""
    name = value.date().isoformat() if isinstance(value, datetime) else value
    chosen = Filter(field=query.by[0], values=(name if isinstance(name, str | int) else str(name),))
    where = (*(each for each in query.where if each.field != query.by[0]), chosen)
    used = {each.field for each in where}
    is_error = bool(FAILURES.intersection(query.measures[:1]))
    is_spend = bool(SPEND_MEASURES.intersection(query.measures[:1]))
    candidates = GROUPS_OF_FAILURES if is_error else PARTS_OF_SPEND
    known = [each for each in candidates if each in dimensions and each not in used][:2]
    measures = ("failures", "error_rate") if is_error else MEASURES_OF_PART if is_spend else query.measures[:1]
    whole = Query(measures=measures, where=where, period=query.period, zone=query.zone)
    first, *others = [replace(whole, by=(each,)) for each in known] or [whole]
    rest = tuple(Reading(kind=QuestionKind.MEASURE, query=each) for each in others)
    return Reading(kind=QuestionKind.MEASURE, query=first, rest=rest)


def explain_earlier(reading: Reading, earlier: Sequence[Turn], dimensions: Collection[str]) -> Reading | None:
    """Return what "why?" asks after an answer: the change between its two periods, or what its first group is."""
    last = earlier[-1]
    if len(last.reading.parts) == PAIR:
        return _explain_parts(reading, last.reading, dimensions)
    if parts := _list_names(last.reading):
        return _explain_parts(reading, replace(last.reading, parts=parts), dimensions)
    pair = _list_periods(last.reading) or _list_periods(*(turn.reading for turn in earlier[-2:]))
    if pair:
        parts = tuple(Part(label=_label(query.period), query=query) for query in pair)
        by = next((name for name in pair[0].by if not get_dimension(name).is_time), None)
        told = replace(last.reading, parts=parts)
        explained = _explain_parts(reading, told, dimensions)
        return explained and replace(explained, dimension=reading.dimension or by)
    ranking = replace(last.reading, rest=())
    return None if last.reading.rest else add_open_cause(replace(ranking, whether=False))


def read_cause_of_period(scan: Scan, reading: Reading, last: Turn, extent: LogDays) -> Reading | None:
    """Return why the spend of one period is what it is, after "what did we spend last week?": the change from the time
    before, or what it is made of where the log has no such time."""
    before, query = last.reading, last.reading.query
    is_one = before.kind is QuestionKind.MEASURE and not (query.by or query.having or query.statistics or before.rest)
    is_why = reading.kind is QuestionKind.EXPLAIN and not reading.parts and not scan.names
    start, end = query.period.start, query.period.end
    if not (is_why and is_one and start and end):
        return None
    is_month = start.day == 1 and end.day == 1
    months = (end.year - start.year) * 12 + end.month - start.month
    earlier = datetime.combine(shift_months(start.date(), -months), time()) if is_month else start - (end - start)
    if earlier.date() < extent.first:
        return _take_period_apart(query, scan.vocabulary.dimensions) if query.measures[0] in SUMS_OF_SPEND else None
    periods = (Period(start=earlier, end=start), query.period)
    parts = tuple(Part(label=_label(period), query=replace(query, period=period)) for period in periods)
    return _explain_parts(reading, replace(before, parts=parts), scan.vocabulary.dimensions)


def _take_period_apart(query: Query, dimensions: Collection[str]) -> Reading | None:
    """Return what the spend of a period is made of."""
    known = [name for name in PARTS_OF_SPEND if name in dimensions][:2]
    found = [
        Reading(kind=QuestionKind.MEASURE, query=replace(query, measures=MEASURES_OF_PART, by=(n,))) for n in known
    ]
    return replace(found[0], rest=tuple(found[1:])) if found else None


def _explain_parts(reading: Reading, last: Reading, dimensions: Collection[str]) -> Reading:
    """Return why spend differs between the parts; of another figure, which groups' figures changed."""
    measures = last.parts[0].query.measures
    by = next((name for name in last.parts[0].query.by if not get_dimension(name).is_time), None)
    if measures[0] in SUMS_OF_SPEND:
        return replace(
            reading, parts=last.parts, dimension=reading.dimension or by, is_fragment=False, premise=reading.premise
        )
    is_error = bool(FAILURES.intersection(measures))
    candidates = GROUPS_OF_FAILURES if is_error else PARTS_OF_SPEND
    compared = {each.field for each in last.parts[0].query.where}
    group = next((name for name in candidates if name in dimensions and name != by and name not in compared), None)
    shown = ("failures",) if is_error else measures[:1]
    parts = tuple(
        replace(part, query=replace(part.query, measures=shown, by=(group,) if group else (), order=None, limit=None))
        for part in last.parts
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts)


def _list_names(reading: Reading) -> tuple[Part, ...]:
    """Return the two names that a question compares, as parts: "compare doc-search with chat-help"."""
    query = reading.query
    if reading.kind is not QuestionKind.MEASURE or len(query.by) != 1 or reading.rest or query.statistics:
        return ()
    named = next((each for each in query.where if each.field == query.by[0] and each.operator is Operator.IS), None)
    if named is None or len(named.values) != PAIR:
        return ()
    alone = replace(query, by=(), order=None, limit=None, shares=False)
    return tuple(
        Part(
            label=str(value),
            query=replace(
                alone, where=tuple(replace(each, values=(value,)) if each is named else each for each in query.where)
            ),
        )
        for value in named.values
    )


def _list_periods(*readings: Reading) -> tuple[Query, ...]:
    """Return the two queries that differ in their periods only, the earlier one first; nothing for others."""
    found = [each for reading in readings for each in (replace(reading, rest=()), *reading.rest)]
    queries = [each.query for each in found if each.kind is QuestionKind.MEASURE]
    if len(found) != PAIR or len(queries) != PAIR or any(each.period.start is None for each in queries):
        return ()
    one, two = queries
    if one.period == two.period or replace(one, period=two.period) != two or None in (one.period.end, two.period.end):
        return ()
    return tuple(sorted(queries, key=lambda query: str(query.period.start)))
