"""Names that are said to be of a dimension which has none of that name: "team search", where only a feature has it."""

from agents.language.lexicon import Concept
from agents.language.scan import Scan
from agents.language.vocabulary import NameSpan

ENDINGS = ("s", "e", "n", "en", "es", "x", "er")
"""What the plural of a word has more than its singular."""

QUESTION_WORDS = frozenset(
    (
        *("which", "what", "whose", "every", "each"),
        *("welche", "welcher", "welches", "welchen", "welchem", "jede", "jeder", "jedes", "jedem"),
        *("quel", "quelle", "chaque", "que", "cual", "cada"),
    )
)
"""Words after which a dimension is asked about, whatever name follows: "which team doc-search costs most"."""


def is_of_other_dimension(scan: Scan, span: NameSpan) -> bool:
    """Whether the word right before a name says that it is one of a dimension, and it is not: "team search"."""
    is_within = not span.is_exact and bool(_get_dimensions(scan, span.start))  # "team doc-search" was found as a whole
    place = span.start if is_within else span.start - 1
    said = {concept.name for concept in _get_dimensions(scan, place)} & scan.vocabulary.dimensions
    if not said or said & {name.dimension for name in span.names}:
        return False
    return _is_singular(scan, place) and not _is_grouped(scan, place)


def get_dimension_said(scan: Scan, place: int) -> str | None:
    """Return the dimension that the singular word before a place names, which is none to group by."""
    before = place - 1
    said = [concept.name for concept in _get_dimensions(scan, before) if concept.name in scan.vocabulary.dimensions]
    return said[0] if said and _is_singular(scan, before) and not _is_grouped(scan, before) else None


def _get_dimensions(scan: Scan, place: int) -> tuple[Concept, ...]:
    if place < 0:
        return ()
    concepts = scan.lexicon.get(scan.tokens[place].text)
    is_asked = any(concept == Concept("operators", "asks_who") for concept in concepts)
    return () if is_asked else tuple(concept for concept in concepts if concept.kind == "dimensions")


def _is_singular(scan: Scan, place: int) -> bool:
    """Whether the lexicon knows a longer form of a word, which is its plural."""
    word, concepts = scan.tokens[place].text, set(_get_dimensions(scan, place))
    return any(concepts.intersection(scan.lexicon.get(word + ending)) for ending in ENDINGS)


def _is_grouped(scan: Scan, place: int) -> bool:
    """Whether figures are asked for by that dimension: "per team", "which team", "the most expensive team"."""
    before = scan.tokens[place - 1] if place else None
    if before is None:
        return False
    grouping = {"per", "most", "least", "top", "how_many"}
    concepts = (*scan.lexicon.get(before.text), *scan.lexicon.get(scan.tokens[max(place - 2, 0)].text, before.text))
    is_said = any(concept.kind == "operators" and concept.name in grouping for concept in concepts)
    return is_said or before.text in QUESTION_WORDS or before.text[:1].isdecimal()
