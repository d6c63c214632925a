"""The words of a question that say when, and those around them; days among them: 2026-10-20, 20 October, October 20th,
20.10.2026, 20/10, 10/20."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from agents.language.lexicon import Concept, Lexicon
from agents.language.times.calendar import LogDays, make_date
from agents.language.tokens import DASHES, Token

MAX_PHRASE = 5
MAX_SKIPPED = 4
"""Small words between two words of a time: "at the end of the month". Each finder of times skips them at each place."""
_ORDINAL_ENDINGS = ("st", "nd", "rd", "th", "er")

LIMITS = frozenset({"above", "below", "at_least", "at_most"})
MAX_LIMIT_WORDS = 4
UNITS = frozenset(
    (
        *("%", "percent", "prozent", "$", "dollar", "dollars", "usd", "dolares", "cent", "cents", "k", "m", "million"),
        *("millions", "mio", "thousand", "s", "sec", "secs", "second", "seconds", "sekunden", "secondes", "segundos"),
        *("ms", "minute", "minutes", "minuten", "minutos", "tokens", "token", "times"),
    )
)
"""Words after a number that is no date."""


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
        """Return the place of the first token from `place` on that is none of `words`, after MAX_SKIPPED at most."""
        end = min(place + MAX_SKIPPED, len(self.tokens))
        while place < end and self.tokens[place].text in words:
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
        return 0 < place < len(self.tokens) and self.tokens[place].gap.strip(" .") in DASHES


def find_day(words: TimeWords, place: int) -> tuple[date, int] | None:
    """Return a date: 2026-10-20, 20 October, October 20th, 20.10.2026, 20/10."""
    return _find_iso(words, place) or _find_named_day(words, place) or _find_numeric_day(words, place)


def _find_iso(words: TimeWords, place: int) -> tuple[date, int] | None:
    parts = [token.text for token in words.tokens[place : place + 3]]
    if len(parts) == 3 and all(part.isdecimal() for part in parts) and len(parts[0]) == 4:
        day = make_date(int(parts[0]), int(parts[1]), int(parts[2]))
        return (day, place + 3) if day else None
    return None


def _find_numeric_day(words: TimeWords, place: int) -> tuple[date, int] | None:
    tokens = words.tokens[place : place + 3]
    if len(tokens) < 2 or not all(token.text.isdecimal() and len(token.text) <= 2 for token in tokens[:2]):
        return None
    if tokens[1].gap not in (".", "/") or (tokens[1].gap == "." and _is_decimal(words, place)):
        return None
    day, month = int(tokens[0].text), int(tokens[1].text)
    has_year = len(tokens) == 3 and tokens[2].text.isdecimal() and tokens[2].gap in (".", "/")
    year = int(tokens[2].text) if has_year else None
    found = _choose_order(words, day, month, year, is_slashed=tokens[1].gap == "/")
    return (found, place + (3 if has_year else 2)) if found else None


def _is_decimal(words: TimeWords, place: int) -> bool:
    """Whether 8.05 is a number: after "above" or "$", or before a unit."""
    before = words.tokens[place - 1] if place else None
    after = words.tokens[place + 2].text if place + 2 < len(words.tokens) else ""
    words_before = [token.text for token in words.tokens[max(place - MAX_LIMIT_WORDS, 0) : place]]
    is_limit = any(
        concept.name in LIMITS
        for start in range(len(words_before))
        for concept in words.lexicon.get(*words_before[start:])
    )
    return is_limit or (before is not None and before.text == "$") or after in UNITS


def _choose_order(words: TimeWords, day: int, month: int, year: int | None, *, is_slashed: bool) -> date | None:
    """Return 12 May for 5/12 where the log has that day, and not 5 December."""
    orders = ((month, day), (day, month)) if is_slashed else ((month, day),)
    dates = (make_date(year, *each) if year else _with_year(words, *each) for each in orders)
    return min((each for each in dates if each), key=words.extent.get_distance, default=None)


def _find_named_day(words: TimeWords, place: int) -> tuple[date, int] | None:
    at = words.skip(_skip_weekday(words, place), "the", "le", "el", "den", "am", "der", "on")
    number = words.read_number(at)
    if number and 1 <= number[0] <= 31:
        month = words.match(words.skip(number[1], "of", "de", "er"), "months")
        if month:
            return finish_day(words, int(month[0]), number[0], month[1])
    month = words.match(at, "months")
    if month:
        number = words.read_number(words.skip(month[1], "the"))
        if number and 1 <= number[0] <= 31:
            return finish_day(words, int(month[0]), number[0], number[1])
    return None


def finish_day(words: TimeWords, month: int, day: int, place: int) -> tuple[date, int] | None:
    at = words.skip(place, "de", "of")
    if at < len(words.tokens) and words.tokens[at].text.isdecimal() and len(words.tokens[at].text) == 4:
        found = make_date(int(words.tokens[at].text), month, day)
        return (found, at + 1) if found else None
    found = _with_year(words, month, day)
    return (found, place) if found else None


def _skip_weekday(words: TimeWords, place: int) -> int:
    found = words.match(place, "weekdays")
    return found[1] if found else place


def _with_year(words: TimeWords, month: int, day: int) -> date | None:
    """Return the date in the year in which it is in the log, or closest to it."""
    years = range(words.extent.first.year - 1, words.extent.last.year + 2)
    days = [found for year in years if (found := make_date(year, month, day))]
    return min(days, key=words.extent.get_distance, default=None)
