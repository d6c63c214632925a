"""Suppositions that only name another number: "what would 10% fewer output tokens save?"."""

from agents.language.findings import Findings
from agents.language.lexicon import Span
from agents.language.reading import QuestionKind, Reading, SupposedChange, Supposition
from agents.language.rules.details.periods import split_later
from agents.language.rules.suppositions import INPUT_QUESTIONS, UNKNOWN_INPUT
from agents.language.scope import get_scope
from workloads.query.query import Query

OUTPUT = frozenset({"output_tokens", "output_per_request"})
INPUT = frozenset({"input_tokens", "input_per_request", "tokens", "tokens_per_request"})
NEAR = 3
"""Tokens between a percentage and what changes: "10 % weniger an Ausgabetoken"."""


def read_changed_number(found: Findings) -> Reading | None:
    scan = found.scan
    percent = found.percent
    is_asked = scan.has("what_if", "goal") and scan.get_place("goal") != 0
    if percent is None or not is_asked or scan.listed_models:
        return None
    share, end = percent.value / 100, percent.end + 1
    direction = next((span for span in scan.iter_spans("directions") if -1 <= span.start - end <= 0), None)
    noun = next((span for span in scan.iter_spans("measures") if -1 <= span.start - end <= NEAR), None)
    after = None if noun is None else next((s for s in scan.iter_spans("directions") if _follows(found, noun, s)), None)
    direction = direction or after
    if noun is None or direction is None or noun.concept.name not in OUTPUT | INPUT | {"requests"}:
        return None
    if noun.concept.name in INPUT:
        return Reading(kind=QuestionKind.CANNOT, message=UNKNOWN_INPUT, choices=INPUT_QUESTIONS)
    change = SupposedChange.OUTPUT if noun.concept.name in OUTPUT else SupposedChange.TRAFFIC
    factor = 1 + share if direction.concept.name == "more" else 1 - share
    times, later = split_later(found)
    scope = get_scope(found, names=scan.names, times=times)
    return Reading(
        kind=QuestionKind.WHAT_IF,
        query=Query(where=scope.where, period=scope.period),
        supposition=Supposition(change=change, factor=factor),
        horizon=later,
    )


def _follows(found: Findings, noun: Span, direction: Span) -> bool:
    """Whether "en moins" stands after what changes."""
    return 0 <= direction.start - noun.end <= 1 and found.scan.are_small(noun.end, direction.start)
