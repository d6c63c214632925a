"""Whether a question wants a yes or a no: it begins with a verb, "did spend rise?", or says so, "est-ce que"."""

from agents.language.lexicon import Concept
from agents.language.scan import Scan


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
