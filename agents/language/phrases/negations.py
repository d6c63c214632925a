"""What is said not to be so: "not streamed", "did not fail". The requests of the other kind are meant."""

from dataclasses import replace

from agents.language.lexicon import Concept, Span
from agents.language.scan import Scan

NOT = frozenset({"not", "non", "never", "nicht", "pas", "no"})
CONTRACTED = frozenset({"didn", "doesn", "don", "weren", "wasn", "aren", "isn", "haven", "hasn"})
"""What stands before the t of "didn't"."""

THAN = Concept("operators", "than")
MAX_BETWEEN = 2
"""Small words between "not" and what is negated: "not have been streamed"."""

OPPOSITES = {"failed": "succeeded", "succeeded": "failed", "streamed": "unstreamed"}


def negate_outcomes(scan: Scan) -> None:
    """Replace failed, successful and streamed requests by the others where they are negated."""
    is_supposed = scan.has("what_if", "remove", "goal")
    excluded = frozenset[int]() if is_supposed else frozenset(s.end for s in scan.iter_spans("operators", "except"))
    keeps_removal = scan.has("what_if", "goal", "report")
    scan.spans = [new for span in scan.spans for new in _negate(scan, span, excluded, keeps_removal=keeps_removal)]


def exclude_others(scan: Scan) -> None:
    """Replace the "than" of "all other features than support-chat" by "except"; not that of "dearer than"."""
    ends = [span.end for span in scan.iter_spans("operators", "others")]
    if not ends or any(True for _ in scan.iter_spans("directions")):
        return
    scan.spans = [
        replace(span, concept=Concept("operators", "except"))
        if span.concept == THAN
        and span.end - span.start == 1
        and any(0 <= span.start - end <= MAX_BETWEEN for end in ends)
        else span
        for span in scan.spans
    ]


def _negate(scan: Scan, span: Span, excluded: frozenset[int], *, keeps_removal: bool) -> tuple[Span, ...]:
    kind, name = span.concept.kind, span.concept.name
    if kind == "operators" and name == "remove" and scan.tokens[span.start].text == "without":
        return (span if keeps_removal else replace(span, concept=Concept("operators", "succeeded")),)
    is_failed = kind == "measures" and name == "failures"
    is_state = kind == "operators" and name == "failed"  # "without the failed ones"
    if (is_failed or is_state) and _is_excluded(scan, span.start, excluded):  # "without the errors"
        return (replace(span, concept=Concept("operators", "succeeded")),)
    is_outcome = (is_failed and span.end - span.start > 1) or (kind == "operators" and name in OPPOSITES)
    if not is_outcome or not is_said_not(scan, span.start):
        return (span,)
    if is_failed:  # "not failed requests"
        return (
            Span(span.start, span.start + 1, Concept("operators", "succeeded")),
            Span(span.start + 1, span.end, Concept("measures", "requests")),
        )
    return (replace(span, concept=Concept("operators", OPPOSITES[name])),)


def _is_excluded(scan: Scan, place: int, excluded: frozenset[int]) -> bool:
    return place in excluded or (place - 1 in excluded and scan.are_small(place - 1, place))


def is_said_not(scan: Scan, place: int) -> bool:
    """Whether "not" stands before a place, with small words between."""
    for at in range(place - 1, max(place - 2 - MAX_BETWEEN, -1), -1):
        word = scan.tokens[at].text
        if word in NOT or (word == "t" and at and scan.tokens[at - 1].text in CONTRACTED):
            return True
        if not scan.are_small(at, at + 1):
            return False
    return False
