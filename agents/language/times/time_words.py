"""The words of a question that say when, and those around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.language.lexicon import Concept, Lexicon
from agents.language.times.calendar import LogDays
from agents.language.tokens import DASHES, Token

MAX_PHRASE = 5
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th", "er")


def build_time_words(tokens: Sequence[Token], lexicon: Lexicon, extent: LogDays, taken: Sequence[bool]) -> "TimeWords":
    concepts = [list(_iter_concepts(tokens, lexicon, place)) for place in range(len(tokens))]
    return TimeWords(tokens, lexicon, extent, taken, concepts)


def _iter_concepts(tokens: Sequence[Token], lexicon: Lexicon, place: int) -> Iterator[tuple[Concept, int]]:
    texts = tuple(token.text for token in tokens[place : place + MAX_PHRASE])
    for length in range(len(texts), 0, -1):
        for concept in lexicon.phrases.get(texts[:length], ()):
            yield concept, place + length


@dataclass(frozen=True, slots=True)
class TimeWords:
    """The tokens of a question and what they mean. `taken` are those that belong to names.

    `concepts` has, for each place, the concepts of the phrases that start there, the longest first, and where each
    ends. They are looked up once: each finder of times tries dozens of words at each place.
    """

    tokens: Sequence[Token]
    lexicon: Lexicon
    extent: LogDays
    taken: Sequence[bool]
    concepts: Sequence[Sequence[tuple[Concept, int]]]

    def match(self, place: int, kind: str, name: str | None = None) -> tuple[str, int] | None:
        """Return the name of a concept of `kind` that starts at `place`, and where it ends."""
        for concept, end in self.concepts[place] if place < len(self.tokens) else ():
            if concept.kind == kind and name in (None, concept.name):
                return concept.name, end
        return None

    def find(self, place: int, *names: str) -> int | None:
        """Return where a word of time with one of these names ends."""
        for name in names:
            found = self.match(place, "times", name)
            if found:
                return found[1]
        return None

    def skip(self, place: int, *words: str) -> int:
        """Return the place of the first token from `place` on that is none of `words`."""
        while place < len(self.tokens) and self.tokens[place].text in words:
            place += 1
        return place

    def read_number(self, place: int) -> tuple[int, int] | None:
        """Return a whole number or ordinal at `place`, and where it ends."""
        if place >= len(self.tokens):
            return None
        digits = self.tokens[place].text
        for ending in _ORDINAL_ENDINGS:
            digits = digits.removesuffix(ending)
        if digits.isdecimal() and len(digits) <= 4:
            return int(digits), place + 1
        for kind in ("numbers", "ordinals"):
            found = self.match(place, kind)
            if found:
                return int(found[0]), found[1]
        return None

    def has_dash(self, place: int) -> bool:
        """Whether a dash is written right before the token at `place`."""
        return 0 < place < len(self.tokens) and self.tokens[place].gap.strip() in DASHES
