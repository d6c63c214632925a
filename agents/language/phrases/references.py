"""References to what an answer before was about: "that team" is the one that it named first, "its spend" that of it.

A reference is read as the name that it stands for, so that the question is then the same as one with the name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.reading import Turn
from agents.language.scan import Scan
from agents.language.times.calendar import TimeSpan, get_next_month
from agents.language.tokens import DASHES
from agents.language.vocabulary import Name, NameSpan
from workloads.query.dimensions import get_dimension
from workloads.query.query import ROW_NUMBERS, Operator

PERSONS = frozenset({"user", "customer"})
MAX_REFERENCES = 4
"""Of one question; more of them only cost time."""

THINGS = frozenset({"it", "es", "das", "ca", "cela", "eso", "esto"})
"""Pronouns that stand for no person."""

ONES = THINGS | {"he", "she", "er", "sie", "il", "elle", "ella"}
"""Pronouns of one thing or person."""

COMPARING = frozenset({"than", "above", "below"})

LENGTHS: Mapping[str, int] = MappingProxyType({"day": 1, "week": 7, "month": 31})
"""Days of the times that can be referred to; a month has its own."""

FRENCH_GRAINS: Mapping[str, str] = MappingProxyType({"jour": "day", "semaine": "week", "mois": "month"})

PERSONAL = frozenset({"his"})
BEFORE_THAT = frozenset({"did", "does", "do", "has", "was", "is", "of", "for", "in", "with", "on"})
"""Words before "that" where it is no conjunction."""

OWNED = frozenset({"measures", "dimensions", "grains"})
RANKS = frozenset({"most", "least", "top"})
"""What follows "its" where it belongs to something: "its spend", "its biggest users"."""


def name_references(scan: Scan, turns: Sequence[Turn]) -> Scan:
    """Return the scan with the names that its references stand for. `turns` were answered, the oldest one first."""
    spans = tuple(scan.iter_spans("references"))[:MAX_REFERENCES]
    named = [each for span in spans if (each := _find_name(scan, span, turns)) is not None]
    named = named or _name_one_of_pair(scan, turns) or _name_compared(scan, turns)
    times = _find_times(scan, turns)
    if times:
        scan = _place_times(scan, times)
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


def find_bare_that(scan: Scan) -> int | None:
    """Return the place of "that" where it stands for a thing, "what did that cost?"; not in "requests that failed"."""
    owned = {span.start for span in scan.spans if span.concept.kind in ("dimensions", "grains")}
    spans = {span.start for span in scan.spans if span.concept.kind == "measures"}
    for span in scan.iter_spans("references", "that"):
        before = scan.tokens[span.start - 1].text if span.start else ""
        is_last = all(not token.is_word for token in scan.tokens[span.end :])
        if before in BEFORE_THAT and span.end not in owned and (is_last or span.end in spans):
            return span.start
    return None


def _find_name(scan: Scan, span: Span, turns: Sequence[Turn]) -> NameSpan | None:
    if span.concept.name == "that":
        dimension = _get_dimension(scan, span.end)
        found = None if dimension is None else _find_subject(dimension, turns) or _get_only(scan, dimension)
    else:
        found = _find_owner(scan, span, turns)
    return None if found is None else NameSpan(span.start, span.end, (Name(*found),), True)


def _name_compared(scan: Scan, turns: Sequence[Turn]) -> list[NameSpan]:
    """Return what "it" is in "how does it compare to gpt-4o-mini?", "is it getting dearer?" and "how many users does it
    have?": what the answer before named first."""
    if not turns or turns[-1].subject is None or get_dimension(turns[-1].subject[0]).is_time:
        return []
    dimension, value = turns[-1].subject
    named = {name for span in scan.names for name in span.names}
    is_one = not named and (turns[-1].reading.singular or not turns[-1].reading.query.by)
    groups = scan.list_names("dimensions")
    is_compared = scan.has("compare") and len(scan.names) == 1 and {name.dimension for name in named} == {dimension}
    is_changed = is_one and scan.has("change", "rise", "fall") and not groups
    is_counted = is_one and scan.has("how_many") and bool(groups) and dimension not in groups
    places = [s.start for s in scan.iter_spans("operators", "pronoun") if scan.tokens[s.start].text in THINGS]
    if not (is_compared or is_changed or is_counted) or value in {name.value for name in named}:
        return []
    return [NameSpan(place, place + 1, (Name(dimension, value),), True) for place in places[:1]]


def _name_one_of_pair(scan: Scan, turns: Sequence[Turn]) -> list[NameSpan]:
    """Return who "he" is in "is he more expensive than dan?": a user that an answer was about. "It" is what the answer
    before was about."""
    place = find_pronoun_of_pair(scan)
    if place is None or not turns:
        return []
    other = scan.names[0].names[0]
    is_person = other.dimension in PERSONS and scan.tokens[place].text not in THINGS
    for turn in reversed(turns if is_person else turns[-1:]):
        is_one = turn.reading.singular or not turn.reading.query.by
        subject = (
            turn.subject[1] if turn.subject is not None and turn.subject[0] == other.dimension and is_one else None
        )
        value = _get_filtered(turn, other.dimension) or subject
        if value is not None and value != other.value:
            return [NameSpan(place, place + 1, (Name(other.dimension, value),), True)]
    return []


def find_pronoun_of_pair(scan: Scan) -> int | None:
    """Return the place of "he" in "is he more expensive than dan?"."""
    if len(scan.names) != 1 or len(scan.names[0].names) != 1 or scan.numbers:
        return None
    name = scan.names[0].start
    ends = [s.end for s in scan.iter_spans("operators") if s.concept.name in COMPARING and s.end <= name]
    if not any(scan.are_small(end, name) for end in ends):
        return None
    return next((at for at in range(min(name, max(ends))) if scan.tokens[at].text in ONES), None)


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
    who = {s.start for s in scan.iter_spans("operators", "asks_who")}
    before = (s for kind in ("dimensions", "grains") for s in scan.iter_spans(kind) if s.start < span.start)
    before = (s for s in before if s.start not in who)
    after = [s for s in scan.spans if s.start == span.end]
    is_owner = any(s.concept.kind in OWNED or s.concept.name in RANKS for s in after)
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


def _find_times(scan: Scan, turns: Sequence[Turn]) -> list[TimeSpan]:
    """Return the periods that "that day" and "that week" stand for."""
    found = list(_iter_french_times(scan, turns))
    for span in scan.iter_spans("references", "that"):
        grains = (s for s in scan.iter_spans("grains") if s.start == span.end and s.end == span.end + 1)
        grain = next((s.concept.name for s in grains), "")
        found += _list_times(grain, span.start, span.end + 1, turns)
    return found


def _iter_french_times(scan: Scan, turns: Sequence[Turn]) -> Iterator[TimeSpan]:
    """Yield the period of "ce jour-là", of which the first two words are today."""
    for time in scan.times:
        after = scan.tokens[time.last] if time.last < len(scan.tokens) else None
        if after is not None and after.text == "la" and after.gap in DASHES:
            grain = FRENCH_GRAINS.get(scan.tokens[time.last - 1].text, "")
            yield from _list_times(grain, time.first, time.last + 1, turns)


def _list_times(grain: str, first: int, last: int, turns: Sequence[Turn]) -> list[TimeSpan]:
    """Return the period that an answer before was about, in the place of some words."""
    subject = _find_subject(grain, turns) if grain in LENGTHS else None
    if subject is None:
        return []
    start = date.fromisoformat(subject[1])
    end = get_next_month(start) if grain == "month" else start + timedelta(days=LENGTHS[grain])
    return [TimeSpan(first=first, last=last, start=start, end=end)]


def _place_times(scan: Scan, times: Sequence[TimeSpan]) -> Scan:
    """Return the scan with times in the place of the words that stand for them."""
    taken = {place for time in times for place in range(time.first, time.last)}
    spans = [span for span in scan.spans if span.start not in taken]
    others = [time for time in scan.times if time.first not in taken]
    return replace(scan, times=sorted((*others, *times), key=lambda time: time.first), spans=spans)
