"""Why requests fail: failed requests by error, and where they are."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.details.causes import GROUPS_OF_FAILURES
from agents.language.scope import get_scope
from core.i18n.text import text
from workloads.query.query import Order, Query

NO_REASONS = text("The log doesn't say why requests failed: it has no column with errors.")


def read_failure_reasons(found: Findings) -> Reading | None:
    """Why do requests fail? Their errors; a log without those only shows where they fail."""
    scan = found.scan
    is_failed = scan.has("failed") or found.measures[:1] == ("failures",)
    is_change = scan.has("rise", "fall", "change", "compare", "than", "more", "what_if") or len(found.list_points()) > 1
    if not scan.has("why") or not is_failed or is_change or found.groups or found.thresholds:
        return None
    scope = get_scope(found)
    where = tuple(each for each in scope.where if each.field != "status")
    known = [name for name in GROUPS_OF_FAILURES if name in scan.vocabulary.dimensions]
    readings = [
        Reading(
            kind=QuestionKind.MEASURE,
            query=Query(
                measures=("failures",), by=(name,), where=where, period=scope.period, order=Order(by="failures")
            ),
        )
        for name in known[:2]
    ]
    if "error" not in known:
        readings.insert(0, Reading(kind=QuestionKind.CANNOT, topic="error", message=NO_REASONS))
    first, *rest = readings
    return Reading(kind=first.kind, query=first.query, topic=first.topic, message=first.message, rest=tuple(rest))
