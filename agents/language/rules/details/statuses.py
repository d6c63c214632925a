"""What became of requests: "what status codes do we see?", "how many succeeded, and how many failed?".

Logs say whether a request failed, and often with what error."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.query import Order, Query


def read_statuses(found: Findings) -> Reading | None:
    """Return the requests that failed and that did not, and the errors of those that did."""
    scan = found.scan
    dimensions = scan.vocabulary.dimensions
    is_both = scan.has("succeeded") and scan.has("how_many") and (scan.has("failed") or "failures" in found.measures)
    is_asked = (scan.has("statuses") or is_both) and not scan.has("why", "compare", "what_if") and not found.thresholds
    if not is_asked or "status" not in dimensions or found.groups:
        return None
    scope = get_scope(found)
    where = tuple(each for each in scope.where if each.field != "status")
    query = Query(measures=("requests",), by=("status",), where=where, period=scope.period)
    errors = Query(measures=("failures",), by=("error",), where=where, period=scope.period, order=Order(by="failures"))
    rest = (Reading(kind=QuestionKind.MEASURE, query=errors),) if "error" in dimensions else ()
    return Reading(kind=QuestionKind.MEASURE, query=query, rest=rest)
