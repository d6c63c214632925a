"""Where the same model costs least: "which provider is the cheapest for the same model?"."""

from agents.language.findings import Findings
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.query import Order, Query

SAME = frozenset(("same", "equal", "identical", "gleiche", "gleichen", "selbe", "selben", "meme", "mismo", "misma"))
SELLERS = ("provider", "geography", "tier", "api_key")
SHOWN = 2
"""Sellers of a model: the cheapest and the next."""


def read_cheapest_seller(found: Findings) -> Reading | None:
    """Return what a million tokens of each model cost with the cheapest of its providers, and with the next."""
    scan = found.scan
    seller = next((name for name in SELLERS if name in found.groups), None)
    is_same = "model" in found.groups and bool(SAME & found.words) and scan.has("least", "most")
    if seller is None or not is_same or scan.has("compare", "why", "what_if") or found.thresholds:
        return None
    scope = get_scope(found)
    measure = "cost_per_million_tokens"
    query = Query(
        measures=(measure, "spend"),
        by=("model", seller),
        where=scope.where,
        period=scope.period,
        order=Order(by=measure, descending=not scan.has("least")),
        limit_each=SHOWN,
    )
    return Reading(kind=QuestionKind.MEASURE, query=query, singular=True)
