"""Comparisons of names: of two of one dimension, of families of models, and of one with all others."""

from dataclasses import replace

from agents.language.findings import Findings
from agents.language.reading import Part, QuestionKind, Reading
from agents.language.scan import Scan
from agents.language.scope import get_scope, is_negated
from core.i18n.text import text
from workloads.query.query import Filter, Operator, Query

PAIR = 2
EXPENSIVE = frozenset(
    {
        "expensive",
        "cheap",
        "cheaper",
        "dearer",
        "pricier",
        "teuer",
        "teurer",
        "billiger",
        "cher",
        "chers",
        "caro",
        "cara",
    }
)
COMPARED = ("spend", "requests", "cost_per_request")
OTHERS_LABEL = "all others"


def compares_names(found: Findings) -> bool:
    """Whether a name stands right after "more than": "does Sales spend more than Support?"."""
    scan = found.scan
    limits = [span for span in scan.iter_spans("operators") if span.concept.name in ("above", "below")]
    return any(
        name.start >= span.end and scan.are_small(span.end, name.start) for span in limits for name in scan.names
    )


def compare_names(found: Findings) -> Reading | None:
    scan = found.scan
    families = _compare_with_others(found) or _compare_families(found)
    if families is not None:
        return families
    named = [(span, name) for span in scan.names if not is_negated(scan, span.start) for name in span.names]
    for dimension in dict.fromkeys(name.dimension for _, name in named):
        chosen = tuple(dict.fromkeys(name.value for _, name in named if name.dimension == dimension))
        if len(chosen) > 1:
            others = [span for span in scan.names if span.names[0].dimension != dimension]
            scope = get_scope(found, names=others)
            where = (*scope.where, Filter(field=dimension, operator=Operator.IS, values=chosen))
            measures = _choose_compared(found)
            return Reading(
                kind=QuestionKind.MEASURE,
                query=Query(measures=measures, by=(dimension,), where=where, period=scope.period),
                premise=find_order(scan),
                focus=chosen,
            )
    if not named and not found.groups and not scan.times and not found.thresholds:
        message = text("What do you want to compare? Name two models, teams, features or periods.")
        return Reading(kind=QuestionKind.CLARIFY, message=message, is_fragment=True)
    return None


def _compare_with_others(found: Findings) -> Reading | None:
    """Is doc-search dearer than all others together? Its requests and all others."""
    scan = found.scan
    spans = [span for span in scan.names if not is_negated(scan, span.start)]
    if not scan.has("others") or len(spans) != 1 or scan.has("except"):
        return None
    measures = _choose_compared(found)
    label = scan.quote(spans[0].start, spans[0].end)
    scope = get_scope(found)
    dimension = spans[0].names[0].dimension
    others = tuple(replace(each, operator=Operator.IS_NOT) if each.field == dimension else each for each in scope.where)
    parts = tuple(
        Part(label=name, query=Query(measures=measures, where=where, period=scope.period))
        for name, where in ((label, scope.where), (OTHERS_LABEL, others))
    )
    premise = find_order(scan)
    place = scan.get_place("others")
    is_first = place is not None and place < spans[0].start  # "do all others cost more than doc-search?"
    return Reading(kind=QuestionKind.COMPARE, parts=parts[::-1] if is_first else parts, premise=premise)


def _compare_families(found: Findings) -> Reading | None:
    """Are Claude models dearer than GPT models? Each family together."""
    scan = found.scan
    spans = [span for span in scan.names if not is_negated(scan, span.start)]
    dimensions = {name.dimension for span in spans for name in span.names}
    if len(spans) != PAIR or len(dimensions) != 1 or all(len(span.names) == 1 for span in spans):
        return None
    if set(spans[0].names) & set(spans[1].names):
        return None
    measures = _choose_compared(found)
    parts = tuple(
        Part(
            label=scan.quote(span.start, span.end),
            query=Query(measures=measures, where=scope.where, period=scope.period),
        )
        for span in spans
        for scope in (get_scope(found, names=[span]),)
    )
    return Reading(kind=QuestionKind.COMPARE, parts=parts, premise=find_order(scan))


def find_order(scan: Scan) -> str:
    """Return whether the first name is said to have more, or less, than the second."""
    if not scan.has("than", "above", "below"):
        return ""
    direction = find_direction(scan)
    is_less = direction == "less" if direction else scan.has("below", "fall")
    return "less than" if is_less else "more than"


def find_direction(scan: Scan) -> str:
    """Return "more" or "less" by the last word that says so up to "than", also within "cheaper per request"."""
    end = max(span.end for span in scan.iter_spans("operators") if span.concept.name in ("than", "above", "below"))
    said = (concept for token in reversed(scan.tokens[:end]) for concept in scan.lexicon.get(token.text))
    return next((concept.name for concept in said if concept.kind == "directions"), "")


def _choose_compared(found: Findings) -> tuple[str, ...]:
    """Return the figures to compare names by: "expensive" is about a request as well as about all of them."""
    words = [found.scan.tokens[span.start].text for span in found.scan.iter_spans("measures")]
    is_price = found.measures in ((), ("spend",)) and (EXPENSIVE.intersection(words) or found.scan.has("rise", "fall"))
    return COMPARED if is_price else found.measures or COMPARED
