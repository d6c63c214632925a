"""What a log is about: its figures, its columns, what stands out in it, and what to do first."""

from agents.language.findings import Findings
from agents.language.groups import COUNTS
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.spending.owners import CANDIDATES, CONCENTRATION, USUAL_PART
from agents.language.scope import QueryScope, get_scope
from workloads.query.query import Order, Query

COLUMNS, FIRST_LEVER = "columns", "first_lever"
FIGURES = ("spend", "requests", "tokens")
GROUPS = ("feature", "model")


def read_summary(found: Findings) -> Reading | None:
    """Summarise the log, or our spend. What columns does it have? What don't I know? What should I do first?"""
    scan = found.scan
    asked = set(scan.list_names("asked"))
    is_plain = set(found.measures) <= {"spend"} and not found.groups
    if found.measures and not ("summary" in asked and is_plain):
        return None  # "a summary of spend by model" is that table
    if scan.names or found.thresholds or scan.has("why", "compare", "what_if"):
        return None
    if "columns" in asked:
        return Reading(kind=QuestionKind.PERIOD, topic=COLUMNS)
    if "first_lever" in asked:
        return Reading(kind=QuestionKind.REPORT, topic=FIRST_LEVER)
    if "surprise" in asked:
        return _read_surprise(found)
    return _summarize(found) if "summary" in asked else None


def _summarize(found: Findings) -> Reading:
    known = found.scan.vocabulary.dimensions
    errors = ("error_rate",) if "status" in known else ()
    scope = get_scope(found)
    query = Query(measures=(*FIGURES, *errors), where=scope.where, period=scope.period)
    figures = Reading(kind=QuestionKind.MEASURE, query=query)
    days = (Reading(kind=QuestionKind.PERIOD),) if found.extent.is_dated and not found.scan.times else ()
    groups = tuple(_rank(name, scope) for name in GROUPS if name in known)
    return Reading(kind=figures.kind, query=figures.query, rest=(*days, *groups))


def _read_surprise(found: Findings) -> Reading:
    """Return the unusual days, which part of the users makes how much, and the dearest feature per request."""
    known = found.scan.vocabulary.dimensions
    owner = next((name for name in CANDIDATES if name in known), "model")
    measures = ("spend", COUNTS[owner])
    first = Query(measures=measures, by=(owner,), order=Order(by="spend"), limit_share=USUAL_PART)
    readings = [Reading(kind=QuestionKind.MEASURE, query=first, topic=CONCENTRATION)]
    if found.extent.is_dated:
        readings.append(Reading(kind=QuestionKind.ANOMALIES, query=Query()))
    if "feature" in known:
        order = Order(by="cost_per_request")
        query = Query(measures=("cost_per_request",), by=("feature",), order=order)
        readings.append(Reading(kind=QuestionKind.MEASURE, query=query, singular=True))
    head, *rest = readings
    return Reading(kind=head.kind, query=head.query, topic=head.topic, rest=tuple(rest))


def _rank(name: str, scope: QueryScope) -> Reading:
    query = Query(by=(name,), where=scope.where, period=scope.period, order=Order(by="spend"), shares=True)
    return Reading(kind=QuestionKind.MEASURE, query=query)
