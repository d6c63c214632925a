"""Follow-ups with a comparison: the question before for two periods, and another measure or group of a comparison."""

from dataclasses import replace

from agents.language.query_changes import add_filters, name_measures
from agents.language.reading import Part, QuestionKind, Reading, Turn
from agents.language.scan import Scan
from workloads.query.dimensions import get_dimension
from workloads.query.query import Filter, Period, Query


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
