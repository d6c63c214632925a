"""The first group beside the mean of all: "how much did the most expensive day cost compared to the average day?"."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query, Statistic


def read_first_against_mean(found: Findings) -> Reading | None:
    scan = found.scan
    is_pair = scan.has("most", "least") and scan.list_names("statistics") == ["mean"] and len(found.groups) == 1
    if not is_pair or not scan.has("compare", "than", "both") or found.thresholds or scan.statistic_limits:
        return None
    if scan.has("why", "what_if", "forecast") or len(scan.times) > 1:
        return None
    measure = next((name for name in found.measures if MEASURES[name].is_sum), None if found.measures else "spend")
    if measure is None:
        return None
    scope = get_scope(found)
    query = Query(measures=(measure,), by=found.groups, where=scope.where, period=scope.period)
    order = Order(by=measure, descending=not scan.has("least"))
    mean = Reading(kind=QuestionKind.MEASURE, query=replace(query, statistics=(Statistic.MEAN,)))
    return Reading(kind=QuestionKind.MEASURE, query=replace(query, order=order), singular=True, rest=(mean,))
