"""A scanned question: names of the log, times, numbers, and the concepts of the lexicon, by place."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from agents.language.lexicon import Concept, Lexicon, Span
from agents.language.times.calendar import TimeSpan
from agents.language.tokens import DASHES, Token
from agents.language.vocabulary import Name, NameSpan, Vocabulary
from workloads.query.query import Operator, Statistic

JOINTS = (*DASHES, "_", ".", "/", ":")
"""Signs that join the parts of one name."""

STARTERS = frozenset(
    (
        *("how", "what", "which", "who", "when", "why"),
        *("wie", "wieviel", "was", "welche", "welcher", "welches", "wer", "wann", "warum"),
        *("combien", "quel", "quelle", "quels", "quelles", "qui", "quand", "pourquoi"),
        *("cuanto", "cuantos", "cuantas", "cuanta", "que", "cual", "cuales", "quien", "quienes", "cuando"),
    )
)
"""Words that ask."""

MAX_COMPOUND = 16
"""Twice as many tokens as a name has."""

NEAR = 2
"""Tokens between a name and the dimension that says what it is."""


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """A number in the question: "20 %", "$2,000", "top 3"; `unit` if one is written to it, as in "5s"."""

    start: int
    end: int
    value: Decimal
    is_percent: bool
    is_money: bool
    unit: str = ""


@dataclass(frozen=True, slots=True)
class UnknownName:
    """Words that must be a name, but not one of the log: "customer Globex", "gpt-4"."""

    start: int
    end: int
    words: str
    dimension: str | None
    similar: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class StatisticLimit:
    """A comparison of groups with a statistic of all of them, times a factor: "more than twice the average"."""

    start: int
    end: int
    operator: Operator
    than: Statistic
    factor: Decimal


@dataclass(frozen=True, slots=True)
class RankedShare:
    """A share of the requests by a number of theirs, "the slowest 10%", or of groups if `field` is empty."""

    start: int
    end: int
    share: Decimal
    operator: Operator
    field: str


@dataclass(slots=True, kw_only=True)
class Scan:
    """What was found, by place. Names and times are in order."""

    question: str
    tokens: tuple[Token, ...]
    lexicon: Lexicon
    vocabulary: Vocabulary
    names: list[NameSpan] = field(default_factory=list)
    times: list[TimeSpan] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    numbers: list[NumberSpan] = field(default_factory=list)
    listed_models: list[tuple[int, int, str]] = field(default_factory=list)
    unknown_names: list[UnknownName] = field(default_factory=list)
    unknown_words: list[int] = field(default_factory=list)
    statistic_limits: list[StatisticLimit] = field(default_factory=list)
    ranked_share: RankedShare | None = None

    def iter_spans(self, kind: str, name: str | None = None) -> Iterator[Span]:
        return (span for span in self.spans if span.concept.kind == kind and name in (None, span.concept.name))

    def has(self, *names: str) -> bool:
        """Whether one of these operators was found."""
        return any(span.concept.name in names for span in self.iter_spans("operators"))

    def get_place(self, *names: str) -> int | None:
        """Return where the first of these operators starts."""
        return next((span.start for span in self.iter_spans("operators") if span.concept.name in names), None)

    def list_names(self, kind: str) -> list[str]:
        """Return the names of the concepts of a kind, in order and once each."""
        return list(dict.fromkeys(span.concept.name for span in self.iter_spans(kind)))

    def quote(self, start: int, end: int) -> str:
        """Return the tokens from `start` to before `end` as they were written."""
        return self.question[self.tokens[start].start : self.tokens[end - 1].end]

    def is_and(self, place: int) -> bool:
        """Whether "and" stands at `place`."""
        return place < len(self.tokens) and any(
            concept == Concept("times", "and") for concept in self.lexicon.get(self.tokens[place].text)
        )

    def are_small(self, start: int, end: int) -> bool:
        """Whether only articles and the like stand between two places."""
        return all(
            token.text in self.lexicon.stop and not any(c.kind == "operators" for c in self.lexicon.get(token.text))
            for token in self.tokens[start:end]
        )

    def is_near(self, place: int, kind: str, names: Collection[str], *, before: int = NEAR, after: int = NEAR) -> bool:
        """Whether a concept ends at most `before` tokens before `place`, or starts at most `after` tokens after it."""
        return any(
            0 <= place - span.end < before or 0 <= span.start - place < after
            for span in self.iter_spans(kind)
            if span.concept.name in names
        )


def is_content(token: Token, lexicon: Lexicon) -> bool:
    return token.is_word and token.text not in lexicon.stop and not token.text.isdecimal()


def is_slip(token: Token, lexicon: Lexicon) -> bool:
    """Whether a word without a meaning of its own was mistyped: "waht" for "what"."""
    letters = sorted(token.text)
    return any(len(word) == len(letters) and sorted(word) == letters for word in lexicon.stop)


def get_compound(tokens: Sequence[Token], place: int) -> tuple[int, int]:
    """Return the tokens that are written as one word with hyphens, dots or underscores, around `place`.

    MAX_COMPOUND of them at most on each side, so that a question of hyphens takes linear time.
    """
    start = end = place
    while start > max(place - MAX_COMPOUND, 0) and is_joined(tokens[start - 1], tokens[start]):
        start -= 1
    while end + 1 < min(place + MAX_COMPOUND, len(tokens)) and is_joined(tokens[end], tokens[end + 1]):
        end += 1
    return start, end + 1


def is_joined(one: Token, other: Token) -> bool:
    return other.gap in JOINTS and one.is_word and other.is_word
