"""Questions whether a name comes first: "is Sales our most expensive team?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.rules.whether import asks_whether
from agents.language.scope import get_scope
from workloads.query.dimensions import DIMENSIONS
from workloads.query.query import Order, Query


def read_claim(found: Findings) -> Reading | None:
    """Return the ranking among which the name is looked for."""
    scan = found.scan
    is_claim = asks_whether(scan) and scan.has("most", "least", "top") and len(scan.names) == 1
    if not is_claim or found.thresholds or scan.has("than", "compare", "change", "why"):
        return None
    name = scan.names[0].names[0]
    if len(scan.names[0].names) != 1 or any(group not in (name.dimension, "user") for group in found.groups):
        return None
    scope = get_scope(found, names=())
    measures = found.measures[:1] or ("spend",)
    query = Query(
        measures=measures,
        by=(name.dimension,),
        where=scope.where,
        period=scope.period,
        order=Order(by=measures[0], descending=not scan.has("least")),
    )
    is_known = name.dimension in DIMENSIONS
    return Reading(kind=QuestionKind.MEASURE, query=query, premise=name.value, singular=True) if is_known else None
