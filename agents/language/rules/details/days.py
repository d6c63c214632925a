"""On which days there were requests of a kind: "when were the 429s?", "when did requests fail?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.figure_queries import build_query
from core.i18n.text import text
from workloads.query.dimensions import FAILED
from workloads.query.query import Filter

DAYS = "days"
"""The topic of the days on which there were such requests."""

OTHERS = (
    *("most", "least", "top", "latest", "earliest", "since_when", "forecast", "what_if", "goal", "report", "list"),
    *("compare", "than", "why", "change", "rise", "fall", "anomaly", "how_many", "how_much", "share", "new", "gone"),
)
"""Operators of questions that ask for more than the days."""

FAILURES = frozenset({"failures", "error_rate", "failed_spend"})


def read_days(found: Findings) -> Reading | None:
    """Return the figures of each day with such requests."""
    scan = found.scan
    is_error = any(name.names[0].dimension == "error" for name in scan.names)
    is_failed = is_error or scan.has("failed") or bool(FAILURES.intersection(found.measures))
    is_asked = scan.has("when") and not scan.has(*OTHERS) and not found.groups and not found.counted_dimensions
    if not is_asked or not (is_failed or scan.names or found.thresholds) or "will" in found.words:
        return None
    if not found.extent.is_dated:
        message = text("The log has no dates. A log with the time of each request would show it.")
        return Reading(kind=QuestionKind.CANNOT, topic="period", message=message)
    query = build_query(replace(found, groups=("day",)))
    if is_failed:
        others = tuple(each for each in query.where if each.field != "status")
        is_known = is_error or "status" not in scan.vocabulary.dimensions
        where = others if is_known else (*others, Filter(field="status", values=(FAILED,)))
        query = replace(query, measures=("failures",), where=where)
    elif not found.measures and not query.having:
        query = replace(query, measures=("requests",))
    return Reading(kind=QuestionKind.MEASURE, query=replace(query, order=None), topic=DAYS)
