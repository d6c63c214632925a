"""Questions that want a yes or a no. They begin with a verb, "did spend rise?", or say so, "est-ce que"; some ask
whether a name comes first, "is Sales our most expensive team?"."""

from agents.language.findings import Findings
from agents.language.lexicon import Concept
from agents.language.reading import QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scope import get_scope
from workloads.query.query import Order, Query


def asks_whether(scan: Scan) -> bool:
    """Whether the question can be answered with yes or no."""
    first = next((place for place, token in enumerate(scan.tokens) if token.is_word), 0)
    start = next((first + 1 for span in scan.iter_spans("operators", "also") if span.start == first), first)
    if any(concept.kind == "whether" and concept.name == "first" for concept in _get_concepts(scan, start)):
        return True
    return any(
        span.concept.name == "always" or (span.concept.name == "first" and span.start in (first, start))
        for span in scan.iter_spans("whether")
    )


def _get_concepts(scan: Scan, place: int) -> tuple[Concept, ...]:
    return scan.lexicon.get(scan.tokens[place].text) if place < len(scan.tokens) else ()


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
    return Reading(kind=QuestionKind.MEASURE, query=query, premise=name.value, singular=True)
