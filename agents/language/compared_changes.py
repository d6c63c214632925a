"""Follow-ups with a comparison: the question before for two periods, another measure or group of a comparison, and the
difference between the answers to the last two, "how much more is the first than the second?"."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from agents.language.groups import COUNTED_DIMENSIONS
from agents.language.query_changes import add_filters
from agents.language.reading import Part, QuestionKind, Reading, Turn
from agents.language.rules.turns.further_measures import name_measures
from agents.language.scan import Scan
from agents.language.times.calendar import WHOLE
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Order, Period, Query


def merge_comparison(scan: Scan, reading: Reading, last: Turn) -> Reading | None:
    """Return "compare the first week with the last week" for what the question before is about.

    A comparison that names its own figure is a question by itself.
    """
    old = last.reading.query
    if not reading.parts or scan.list_names("measures"):
        return None
    parts = tuple(_fill(part, old, scan) for part in reading.parts)
    return replace(reading, parts=parts, is_fragment=False)


def _fill(part: Part, old: Query, scan: Scan) -> Part:
    """Return a part of a comparison with the figures, the groups and the filters of an earlier question."""
    groups = tuple(name for name in old.by if not get_dimension(name).is_time)[:1]
    period = part.query.period if part.query.period != Period() else old.period
    where = old.where if not scan.has("reset") else ()
    query = Query(
        measures=old.measures,
        by=() if old.statistics else groups,
        where=add_filters(where, part.query.where),
        period=period,
        zone=old.zone,
    )
    return replace(part, query=query)


def change_comparison(scan: Scan, reading: Reading, previous: Reading) -> Reading | None:
    """Return a comparison with another measure, other groups or another filter: "and by model?"."""
    new = reading.query
    groups = tuple(name for name in new.by if not get_dimension(name).is_time)[:1]
    is_plain = not (previous.topic or previous.is_ratio or scan.times or new.having or len(new.by) != len(groups))
    if not is_plain or not (groups or new.where or scan.list_names("measures")) or scan.has("pronoun", "compare"):
        return None
    parts = tuple(
        replace(part, query=_change(part.query, new, groups, new.where, scan=scan)) for part in previous.parts
    )
    return replace(previous, kind=QuestionKind.COMPARE, parts=parts, premise="", rest=(), whether=False)


def _change(query: Query, new: Query, groups: tuple[str, ...], where: tuple[Filter, ...], *, scan: Scan) -> Query:
    measures = name_measures(scan, query, new)
    return replace(query, measures=measures, by=groups or query.by, where=add_filters(query.where, where))


def asks_difference(scan: Scan) -> bool:
    words = {token.text for token in scan.tokens}
    return (
        bool(words & {"more", "less", "difference"})
        and not (scan.names or scan.times)
        and bool(words & {"first", "second", "one", "other", "former", "latter"})
    )


def compare_answers(scan: Scan, first: Reading, second: Reading) -> Reading | None:
    """How much more is the first than the second? The change is from what stands after "than"."""
    if first.kind is not QuestionKind.MEASURE or second.kind is not QuestionKind.MEASURE:
        return None
    words = [token.text for token in scan.tokens]
    is_forward = "than" not in words or words.index("than") < max(
        _find_last(words, "first"), _find_last(words, "former")
    )
    queries = (first.query, second.query) if is_forward else (second.query, first.query)
    labels = [_name_query(query) for query in queries]
    if len(set(labels)) < len(labels):
        labels = [_label_period(query.period) for query in queries]
    parts = tuple(Part(label=label, query=query) for label, query in zip(labels, queries, strict=True))
    return Reading(kind=QuestionKind.COMPARE, parts=parts)


def _find_last(words: Sequence[str], word: str) -> int:
    """Return the place of the last such word, -1 if there is none."""
    return max((place for place, each in enumerate(words) if each == word), default=-1)


def _name_query(query: Query) -> str:
    names = [str(value) for each in query.where for value in each.values if value is not None]
    return ", ".join(names) or "all"


def _label_period(period: Period) -> str:
    """Return "2026-10-19 to 2026-10-25", "2026-10-21" or "whole log"."""
    if period.start is None or period.end is None:
        return WHOLE
    first, last = period.start.date(), (period.end - timedelta(microseconds=1)).date()
    return first.isoformat() if first == last else f"{first.isoformat()} to {last.isoformat()}"


def share_measures(reading: Reading, scan: Scan, before: Reading) -> Reading | None:
    """Return the figures before for the groups of "what did failures cost, and in which feature?"."""
    kinds = {reading.kind, before.kind}
    is_bare = not (
        scan.list_names("measures") or scan.names or scan.times or scan.has("most", "least", "top", "how_many")
    )
    if kinds != {QuestionKind.MEASURE} or not is_bare or before.query.by or not reading.query.by or before.quotient:
        return None
    if any(name in COUNTED_DIMENSIONS for name in before.query.measures):
        return None
    query = replace(reading.query, measures=before.query.measures, where=before.query.where, period=before.query.period)
    return replace(reading, query=replace(query, order=Order(by=query.measures[0])))
