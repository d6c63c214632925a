"""How long something ran, "how long did the session last?": from its first request to its last one."""

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.query import Order, Query

DURATION = "duration"
"""The topic of the time between the first and the last request."""

ENDS = frozenset({"start", "started", "begin", "began", "end", "ended", "stop", "finish", "finished"})
"""Words of "when did it start?"."""


def read_duration(found: Findings) -> Reading | None:
    """Return the second of the first request and that of the last one."""
    scan = found.scan
    is_asked = scan.has("ran") and bool({"long", "lange", "combien", "temps", "cuanto"} & found.words)
    is_asked = is_asked or (scan.has("when") and scan.has("pronoun") and bool(ENDS & found.words))
    has_requests = bool({"requests", "tokens", "spend"}.intersection(found.measures)) or found.thresholds
    if not is_asked or has_requests or not found.extent.is_dated or scan.has("why", "compare", "most", "least"):
        return None
    scope = get_scope(found)
    first, last = (
        Query(
            measures=("requests",),
            by=("second",),
            where=scope.where,
            period=scope.period,
            order=Order(by="second", descending=is_last),
            limit=1,
        )
        for is_last in (False, True)
    )
    parts = (Part(label="first", query=first), Part(label="last", query=last))
    return Reading(kind=QuestionKind.COMPARE, parts=parts, topic=DURATION)
