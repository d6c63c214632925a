"""How spend is divided among users and others: "do a few users cause most of the spend?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.dimensions import get_dimension
from workloads.query.measures import MEASURES
from workloads.query.query import Order, Query

LARGEST_SHARES = "largest_shares"
"""The topic of the shares of the first groups."""


def read_largest_shares(found: Findings) -> Reading | None:
    """Return all groups with their shares, the largest first."""
    scan = found.scan
    groups = tuple(name for name in found.groups if not get_dimension(name).is_time)
    is_asked = scan.has("concentration") and len(groups) == len(found.groups) == 1
    if not is_asked or found.thresholds or found.percent or scan.has("why", "compare", "what_if"):
        return None
    measures = tuple(name for name in found.measures if MEASURES[name].is_sum)[:1] or ("spend",)
    scope = get_scope(found)
    query = Query(
        measures=measures,
        by=groups,
        where=scope.where,
        period=scope.period,
        order=Order(by=measures[0]),
        shares=True,
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, topic=LARGEST_SHARES)
