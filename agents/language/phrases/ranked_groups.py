"""Words for what comes first in a ranking, where a question is about that: "of the most expensive feature", "the user
with the highest error rate", "does our top customer"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.language.lexicon import Span
from agents.language.scan import Scan
from workloads.query.measures import MEASURES

RANKS = frozenset({"most", "least", "top"})
RANKED_TIMES = frozenset({"day", "week", "month"})
MAX_COUNT = 50
MAX_WORDS = 8
"""Tokens of "with the highest number of requests"."""

ARTICLES = frozenset(
    (
        *("the", "our", "my", "your", "der", "die", "das", "dem", "den", "des", "unser", "unsere", "unseres"),
        *("unserer", "unserem", "unseren", "le", "la", "les", "l", "du", "notre", "nos", "el", "los", "las", "nuestro"),
        *("nuestra", "del", "al", "au"),
    )
)
OWNING = frozenset(
    (
        *(
            "of",
            "in",
            "from",
            "by",
            "for",
            "on",
            "with",
            "at",
            "during",
            "if",
            "does",
            "did",
            "do",
            "has",
            "will",
            "would",
        ),
        *(
            "had",
            "outside",
            "ausserhalb",
            "von",
            "bei",
            "mit",
            "am",
            "im",
            "an",
            "fur",
            "wegen",
            "nutzt",
            "nutzte",
            "verwendet",
            "benutzt",
        ),
        *("de", "pour", "dans", "avec", "par", "utilise", "en", "con", "por", "para", "usa", "utiliza", "hace", "hizo"),
    )
)
"""Words before the one that a question is about."""

GENITIVES = frozenset({"des", "der", "unseres", "unserer", "du", "del"})
"""Articles that own by themselves: "die Fehler des teuersten Features"."""

NOMINATIVES = frozenset({"der", "unserer"})

LINKS = frozenset(
    (
        *("with", "that", "who", "which", "having", "mit", "der", "die", "das", "qui", "avec", "con", "que"),
        *("costs", "cost", "has", "had", "spends", "spent", "makes", "made", "sends", "sent", "uses"),
        *("we", "i", "they", "wir", "nous", "on"),
    )
)
"""Words of "the user with the most requests" and "the user that made the most requests"."""

AMOUNTS: Mapping[str, str] = MappingProxyType({"latency": "latency_p95", "first_token": "first_token_p95"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedGroup:
    """Tokens `start` to before `end` that stand for the first `count` groups of a dimension by a measure."""

    start: int
    end: int
    dimension: str
    measure: str
    descending: bool
    count: int = 1


def find_ranked_group(scan: Scan, *, excluded: bool = False) -> RankedGroup | None:
    """Return the last such words of a question. Several groups are only meant where they are left out (`excluded`)."""
    found = [each for span in _iter_groups(scan) if (each := _find_at(scan, span)) is not None]
    found = found or ([bare] if (bare := _find_bare(scan)) is not None else [])
    last = found[-1] if found else None
    return None if last is None or (last.count > 1 and not excluded) else last


def _iter_groups(scan: Scan) -> Iterator[Span]:
    spans = [span for span in scan.iter_spans("dimensions") if span.concept.name in scan.vocabulary.dimensions]
    spans += [span for span in scan.iter_spans("grains") if span.concept.name in RANKED_TIMES]
    yield from sorted(spans, key=lambda span: span.start)


def _find_at(scan: Scan, group: Span) -> RankedGroup | None:
    start, end = _find_rank_before(scan, group), group.end
    if start == group.start:
        end = max(_find_rank_after(scan, group), _find_clause(scan, group))
    if start == group.start and end == group.end:
        return None
    count = _read_count(scan, start, end)
    first = start
    while first > 0 and _may_stand_before(scan, first - 1):
        first -= 1
    if count is None or not _is_owned(scan, first, end):
        return None
    words = range(first, end)
    is_least = any(span.concept.name == "least" and span.start in words for span in scan.iter_spans("operators"))
    return RankedGroup(
        start=first,
        end=end,
        dimension=group.concept.name,
        measure=_find_measure(scan, first, end),
        descending=not is_least,
        count=count,
    )


def _find_bare(scan: Scan) -> RankedGroup | None:
    """Return "the top two" of "all features but the top two", which are features."""
    excluding = list(scan.iter_spans("operators", "except"))
    words = [scan.tokens[place] for span in excluding for place in range(span.start, span.end)]
    named = {span.concept.name for span in _iter_groups(scan)}
    named |= {c.name for token in words for c in scan.lexicon.get(token.text) if c.kind == "dimensions"}
    dimension = next(iter(named)) if len(named) == 1 else ""
    for span in excluding if dimension in scan.vocabulary.dimensions else ():
        start = end = span.end
        while start < len(scan.tokens) and scan.tokens[start].text in ARTICLES:
            start = end = start + 1
        after = [(each.start, each.end) for each in _iter_ranks(scan)]
        after += [(each.start, each.end) for each in scan.numbers]
        while ends := [last for first, last in after if first == end and last > end]:
            end = max(ends)
        count = _read_count(scan, start, end)
        is_ranked = any(start <= each.start < end for each in _iter_ranks(scan))
        if is_ranked and count is not None:
            is_least = any(each.concept.name == "least" and start <= each.start < end for each in _iter_ranks(scan))
            measure = _find_measure(scan, start, end)
            return RankedGroup(
                start=span.end, end=end, dimension=dimension, measure=measure, descending=not is_least, count=count
            )
    return None


def _iter_ranks(scan: Scan) -> Iterator[Span]:
    return (span for span in scan.iter_spans("operators") if span.concept.name in RANKS)


def _find_rank_before(scan: Scan, group: Span) -> int:
    """Return where "the most expensive" starts before "user"; the group's own place if nothing of the kind does."""
    start = group.start
    ranks = list(_iter_ranks(scan))
    while True:
        before = [s.start for s in ranks if s.end == start]
        before += [n.start for n in scan.numbers if n.end == start and not n.is_percent and not n.is_money]
        before = [place for place in before if place < start]
        if not before:
            return start if any(start <= s.start < group.start for s in ranks) else group.start
        start = min(before)


def _find_rank_after(scan: Scan, group: Span) -> int:
    """Return where "la plus chère" ends after "la fonctionnalité"."""
    after = [s.end for s in _iter_ranks(scan) if s.start >= group.end and scan.are_small(group.end, s.start)]
    is_roman = scan.lexicon.language in ("fr", "es")
    return min(after, default=group.end) if is_roman else group.end


def _find_clause(scan: Scan, group: Span) -> int:
    """Return where "with the most requests" or "that costs the most" ends after "user": with a rank and a measure."""
    place, has_rank, has_measure = group.end, False, False
    if place >= len(scan.tokens) or scan.tokens[place].text not in LINKS:
        return group.end
    last = group.end
    while place < min(group.end + MAX_WORDS, len(scan.tokens)) and not (has_rank and has_measure):
        ranks = [span.end for span in _iter_ranks(scan) if span.start == place]
        measures = [span.end for span in scan.iter_spans("measures") if span.start == place]
        counts = [span.end for span in scan.iter_spans("operators", "how_many") if span.start == place]
        has_rank, has_measure = has_rank or bool(ranks), has_measure or bool(measures)
        if ends := [*ranks, *measures, *counts]:
            place = last = max(ends)
        elif scan.tokens[place].text in LINKS or scan.are_small(place, place + 1):
            place += 1
        else:
            break
    return last if has_rank else group.end


def _may_stand_before(scan: Scan, place: int) -> bool:
    """Whether an article stands there, or an ordinal: "the second most expensive"."""
    return scan.tokens[place].text in ARTICLES or any(s.end == place + 1 for s in scan.iter_spans("ordinals"))


def _read_count(scan: Scan, start: int, end: int) -> int | None:
    """Return the 3 of "the top 3 models"; None for a number that is no count."""
    numbers = [n.value for n in scan.numbers if start <= n.start < end]
    if not numbers:
        return 1
    value = numbers[0]
    return int(value) if value == value.to_integral() and 0 < value <= MAX_COUNT else None


def _is_owned(scan: Scan, start: int, end: int) -> bool:
    """Whether the words before say that the question is about the first one, and does not ask who it is."""
    if _is_genitive(scan, start):
        return True
    before = scan.tokens[start - 1].text if start else ""
    after = scan.tokens[end].text if end < len(scan.tokens) else ""
    is_verb = before == "a" and scan.lexicon.language == "fr"
    return (
        before in OWNING
        or after == "s"
        or is_verb
        or any(span.end == start for span in scan.iter_spans("operators") if span.concept.name in ("except", "only"))
    )


def _is_genitive(scan: Scan, place: int) -> bool:
    """Whether an article there owns by itself; "der teuerste Nutzer" is a subject, "der teuersten Funktion" owns."""
    if place + 1 >= len(scan.tokens) or scan.tokens[place].text not in GENITIVES:
        return False
    return scan.tokens[place].text not in NOMINATIVES or scan.tokens[place + 1].text.endswith("en")


def _find_measure(scan: Scan, start: int, end: int) -> str:
    """Return the measure by which the words rank; spend if they name none, as in "our top user"."""
    named = [span.concept.name for span in scan.iter_spans("measures") if start <= span.start < end]
    names = [AMOUNTS.get(name, name) for name in named]
    return next((name for name in reversed(names) if name in MEASURES), "spend")
