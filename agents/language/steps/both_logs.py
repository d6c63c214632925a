"""Questions about two logs: the same figures of each of them, side by side, or of the one that is named."""

from dataclasses import replace

from agents.language.findings import Findings, find
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.rules.figure_queries import build_query
from agents.language.scan import Scan
from agents.language.times.calendar import LogDays
from workloads.query.dimensions import get_dimension
from workloads.query.query import Query, Statistic

LOG_LABELS = ("first log", "second log")
FIRST_LOG_WORDS = frozenset({"first", "former", "old", "older", "ersten", "erste", "premier", "primer", "primero"})
SECOND_LOG_WORDS = frozenset({"second", "latter", "new", "newer", "zweiten", "zweite", "deuxieme", "segundo", "other"})
COMPARED_KINDS = frozenset(
    {QuestionKind.MEASURE, QuestionKind.CLARIFY, QuestionKind.EXPLAIN, QuestionKind.CANNOT, QuestionKind.COMPARE}
)


def spread_over_logs(reading: Reading, scan: Scan, extent: LogDays) -> Reading:
    """Return the reading for two logs. Only figures are compared; anything else is about the log that is named."""
    named = _find_named_log(scan)
    if named is not None:
        return replace(reading, log=named, parts=tuple(replace(part, log=named) for part in reading.parts))
    is_unclear = reading.kind in (QuestionKind.CLARIFY, QuestionKind.EXPLAIN, QuestionKind.CANNOT)
    if reading.kind not in COMPARED_KINDS or (is_unclear and not scan.has("both_logs")) or reading.rest:
        return reading
    found = find(scan, extent)
    is_new = scan.has("new", "gone") and bool(found.groups)
    query = replace(_build_log_query(found, reading), limit=None, order=None, shares=False)
    parts = tuple(Part(label=label, query=query, log=log) for log, label in enumerate(LOG_LABELS))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic="new" if is_new else "", premise=reading.premise)


def _find_named_log(scan: Scan) -> int | None:
    """Return the log if only one is named: "in the second log"."""
    if not scan.has("both_logs") or scan.has("compare", "change", "new", "gone"):
        return None
    words = {token.text for token in scan.tokens}
    if bool(words & FIRST_LOG_WORDS) == bool(words & SECOND_LOG_WORDS):
        return None
    return 0 if words & FIRST_LOG_WORDS else 1


def _build_log_query(found: Findings, reading: Reading) -> Query:
    query = reading.query if reading.kind is QuestionKind.MEASURE else build_query(found)
    if query.by and not found.groups and not query.statistics:
        query = replace(query, by=())  # "how did it change from the first log to the second"
    if query.statistics:
        query = replace(query, by=query.by[-1:])
    is_daily = len(query.by) == 1 and get_dimension(query.by[0]).is_time and query.by[0] != "weekday"
    if is_daily and not query.statistics and found.scan.has("per") and not found.scan.has("list"):
        return replace(query, statistics=(Statistic.MEAN,))  # "per day in each log"
    return query
