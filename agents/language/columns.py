"""Columns of the file in a question, by their names there, as dimensions."""

from collections.abc import Iterator, Sequence

from agents.language.lexicon import Concept, Span
from agents.language.phrases.marks import find_mark_column
from agents.language.scan import Scan
from agents.language.vocabulary import MAX_NAME_TOKENS

KINDS = frozenset(("kind", "kinds", "type", "types", "sort", "sorts"))
OF = frozenset(("of",))
ASKED = frozenset(("which", "by", "per", "each", "welche", "nach", "pro", "quel", "par", "que", "por"))
KIND_WORDS = 2
"""Words of "kinds of"."""


def find_columns(scan: Scan, taken: list[bool]) -> Iterator[Span]:
    """Yield the columns of the file that are named, as dimensions: "by region", "per cost center"."""
    place = 0
    while place < len(scan.tokens):
        end = next((place + n for n in range(MAX_NAME_TOKENS, 0, -1) if _find_column(scan, place, place + n)), place)
        name = _find_column(scan, place, end) if end > place and not any(taken[place:end]) else None
        if name is not None:
            yield Span(place, end, Concept("dimensions", name))
            taken[place:end] = [True] * (end - place)
        place = max(end, place + 1)


def _find_column(scan: Scan, start: int, end: int) -> str | None:
    """Return the column that tokens name, also in the plural, unless they have another meaning in this log."""
    words = [token.text for token in scan.tokens[start:end]]
    if len(words) < end - start or end == start:
        return None
    if len(words) > KIND_WORDS and words[0] in KINDS and words[1] in OF:
        words = [*words[KIND_WORDS:-1], words[-1].removesuffix("s"), "type"]  # "kinds of calls" are in "call_type"
    if (mark := find_mark_column(scan, words)) is not None:
        return mark
    name = next((scan.vocabulary.columns[key] for key in _iter_forms(words) if key in scan.vocabulary.columns), None)
    has_other = any(
        concept.kind != "dimensions" or concept.name in scan.vocabulary.dimensions
        for concept in scan.lexicon.get(*words)
    )
    before = scan.tokens[start - 1].text if start else ""
    is_small = len(words) == 1 and words[0] in scan.lexicon.stop and before not in ASKED  # not "which kind"
    return None if has_other or is_small else name


def _iter_forms(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    *others, last = words
    for form in dict.fromkeys((last, last.removesuffix("s"), f"{last.removesuffix('ies')}y")):
        yield (*others, form)
        yield ("".join((*others, form)),)
