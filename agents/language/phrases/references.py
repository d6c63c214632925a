"""References to what an answer before was about: "that team" is the one that it named first, "its spend" that of it.

A reference is read as the name that it stands for, so that the question is then the same as one with the name."""

from collections.abc import Sequence
from dataclasses import replace

from agents.language.lexicon import Span
from agents.language.reading import Turn
from agents.language.scan import Scan
from agents.language.vocabulary import Name, NameSpan
from workloads.query.dimensions import get_dimension
from workloads.query.query import ROW_NUMBERS, Operator

PERSONS = frozenset({"user", "customer"})
THINGS = frozenset({"it", "es", "das", "ca", "cela", "eso", "esto"})
"""Pronouns that stand for no person."""

PERSONAL = frozenset({"his"})


def name_references(scan: Scan, turns: Sequence[Turn]) -> Scan:
    """Return the scan with the names that its references stand for. `turns` were answered, the oldest one first."""
    named = [each for span in scan.iter_spans("references") if (each := _find_name(scan, span, turns)) is not None]
    named = named or _name_compared(scan, turns)
    if not named:
        return scan
    names = sorted((*scan.names, *named), key=lambda name: name.start)
    return replace(scan, names=names)


def find_open_reference(scan: Scan) -> str | None:
    """Return the dimension of "that team" if no answer before was about one."""
    places = {place for name in scan.names for place in range(name.start, name.end)}
    for span in scan.iter_spans("references", "that"):
        dimension = _get_dimension(scan, span.end)
        if dimension is not None and span.start not in places:
            return dimension
    return None


def _find_name(scan: Scan, span: Span, turns: Sequence[Turn]) -> NameSpan | None:
    if span.concept.name == "that":
        dimension = _get_dimension(scan, span.end)
        found = None if dimension is None else _find_subject(dimension, turns) or _get_only(scan, dimension)
    else:
        found = _find_owner(scan, span, turns)
    return None if found is None else NameSpan(span.start, span.end, (Name(*found),), True)


def _name_compared(scan: Scan, turns: Sequence[Turn]) -> list[NameSpan]:
    """Return what "it" is in "how does it compare to gpt-4o-mini?": what the answer before named first."""
    dimensions = {name.dimension for span in scan.names for name in span.names}
    if not scan.has("compare") or len(scan.names) != 1 or not turns or turns[-1].subject is None:
        return []
    dimension, value = turns[-1].subject
    places = [s.start for s in scan.iter_spans("operators", "pronoun") if scan.tokens[s.start].text in THINGS]
    if dimensions != {dimension} or value in {name.value for name in scan.names[0].names}:
        return []
    return [NameSpan(place, place + 1, (Name(dimension, value),), True) for place in places[:1]]


def _get_dimension(scan: Scan, place: int) -> str | None:
    """Return the dimension that one word names in the singular at a place."""
    spans = (span for span in scan.iter_spans("dimensions") if span.start == place and span.end == place + 1)
    return next((s.concept.name for s in spans if s.concept.name in scan.vocabulary.dimensions), None)


def _find_subject(dimension: str, turns: Sequence[Turn]) -> tuple[str, str] | None:
    """Return the last value of a dimension that an answer was about, as its first group or its only name."""
    for turn in reversed(turns):
        if turn.subject is not None and turn.subject[0] == dimension:
            return turn.subject
        if (name := _get_filtered(turn, dimension)) is not None:
            return (dimension, name)
    return None


def _get_only(scan: Scan, dimension: str) -> tuple[str, str] | None:
    """Return the only value that the log has of a dimension: "how much did this session cost?"."""
    values = {n.value for names in scan.vocabulary.by_tokens.values() for n in names if n.dimension == dimension}
    return (dimension, values.pop()) if len(values) == 1 else None


def _get_filtered(turn: Turn, dimension: str) -> str | None:
    """Return the name if the question was about one value of a dimension."""
    queries = [turn.reading.query, *(part.query for part in turn.reading.parts)]
    filters = [each for query in queries for each in query.where if each.field == dimension]
    values = {each.values for each in filters if each.operator is Operator.IS}
    single = values.pop() if len(values) == 1 else ()
    return single[0] if len(single) == 1 and isinstance(single[0], str) else None


def _find_owner(scan: Scan, span: Span, turns: Sequence[Turn]) -> tuple[str, str] | None:
    """Return what "its" stands for, unless this question names it itself: "the top model and its latency"."""
    before = (s for kind in ("dimensions", "grains") for s in scan.iter_spans(kind) if s.start < span.start)
    is_owner = any(s.start == span.end for kind in ("measures", "grains") for s in scan.iter_spans(kind))
    if not is_owner or scan.names or scan.unknown_names or any(True for _ in before) or not turns:
        return None
    is_person = scan.tokens[span.start].text in PERSONAL
    last = turns[-1]
    filtered = [
        (each.field, name)
        for each in last.reading.query.where
        if each.field not in ROW_NUMBERS and (name := _get_filtered(last, each.field)) is not None
    ]
    is_one = last.reading.singular or (span.concept.name == "its" and not last.reading.query.limit)
    found = [*([last.subject] if last.subject is not None and is_one else []), *filtered]
    fitting = [each for each in found if (each[0] in PERSONS) is is_person and not get_dimension(each[0]).is_time]
    return next(iter(fitting or found), None)
