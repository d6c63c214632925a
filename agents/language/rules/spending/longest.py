"""The longest or shortest prompt or answer: single requests, ranked by their tokens."""

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.reading import QuestionKind, Reading
from agents.language.scope import get_scope
from workloads.query.query import Query

ORDERS = {
    "input_tokens": "input_tokens",
    "input_per_request": "input_tokens",
    "output_tokens": "output_tokens",
    "output_per_request": "output_tokens",
}
SHORTEST, LONGEST_ANSWER = "shortest", "longest_answer"
RANKS = ("longest", SHORTEST, LONGEST_ANSWER)
PLURALS = ("s", "antworten")
DEFAULT_LIMIT = 10
OTHERS = ("share", "why", "what_if", "when", "per")
"""Operators of other questions about lengths."""


def read_longest(found: Findings) -> Reading | None:
    scan = found.scan
    rank = next((span for span in scan.iter_spans("asked") if span.concept.name in RANKS), None)
    is_plain = not (found.thresholds or scan.ranked_share or scan.list_names("statistics") or found.counted_dimensions)
    noun = None if rank is None else _find_noun(found, rank)
    if rank is None or noun is None or not is_plain or scan.has("share", "why", "what_if", "when", "per"):
        return None
    asked = [span for span in scan.iter_spans("dimensions") if span.concept.name in found.groups]
    if len(found.groups) > len(asked) or any(span.start < rank.start for span in asked):
        return None  # "which feature has the longest prompts?"
    scope = get_scope(found)
    is_one = not scan.tokens[noun.end - 1].text.endswith(PLURALS)
    limit = found.find_limit() or (1 if is_one else DEFAULT_LIMIT)
    return Reading(
        kind=QuestionKind.REQUESTS,
        query=Query(where=scope.where, period=scope.period, limit=limit),
        order_by="output_tokens" if noun.concept.kind == "asked" else ORDERS[noun.concept.name],
        descending=rank.concept.name != SHORTEST,
        dimension=asked[0].concept.name if asked else None,
        singular=is_one,
    )


def _find_noun(found: Findings, rank: Span) -> Span | None:
    """Return "prompt" or "answer" beside the rank."""
    scan = found.scan
    if rank.concept.name == LONGEST_ANSWER:
        return rank
    nouns = [span for span in scan.iter_spans("measures") if span.concept.name in ORDERS]
    nouns += scan.iter_spans("asked", "answer")
    return next((n for n in nouns if 0 <= n.start - rank.end <= 1 or 0 <= rank.start - n.end <= 1), None)
