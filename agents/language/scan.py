"""Find everything in a question that has a meaning: names of the log, times, numbers, and the concepts of the lexicon."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType

from rapidfuzz import process
from rapidfuzz.distance import OSA

from agents.language.lexicon import Concept, Lexicon, Span
from agents.language.periods import Extent, PeriodFinder, TimeSpan
from agents.language.tokens import Token, fold_name, parse_number, tokenize
from agents.language.vocabulary import MIN_FUZZY_LETTERS, Name, NameSpan, Vocabulary

MAX_FUZZY_WORDS = 12
MIN_WORD_SIMILARITY = 0.79
QUESTION_WORDS = frozenset(
    {
        "which",
        "what",
        "how",
        "many",
        "welche",
        "welcher",
        "welches",
        "quel",
        "quelle",
        "quels",
        "quelles",
        "que",
        "cual",
    }
)
JOINTS = ("-", "_", ".", "/", ":", "–")
"""Signs that join the parts of one name."""

NUMBER_SCALES = MappingProxyType({"k": 1_000, "m": 1_000_000})
NEAR = 2
"""Tokens between a name and the dimension that says what it is."""


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """A number in the question: "20 %", "$2,000", "top 3"."""

    start: int
    end: int
    value: Decimal
    is_percent: bool
    is_money: bool


@dataclass(frozen=True, slots=True)
class UnknownName:
    """Words that must be a name, but not one of the log: "customer Globex", "gpt-4"."""

    start: int
    end: int
    words: str
    dimension: str | None
    similar: tuple[Name, ...]


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


def scan_question(question: str, lexicon: Lexicon, vocabulary: Vocabulary, extent: Extent) -> Scan:
    """Return what was found in `question`, of which tokens.MAX_CHARACTERS characters are read."""
    scan = Scan(question=question, tokens=tokenize(question), lexicon=lexicon, vocabulary=vocabulary)
    taken = [False] * len(scan.tokens)
    _find_names(scan, taken)
    _find_error_codes(scan, taken)
    _find_listed_models(scan, taken)
    scan.times = list(PeriodFinder(scan.tokens, lexicon, extent, taken).find())
    for time in scan.times:
        taken[time.first : time.last] = [True] * (time.last - time.first)
    _find_numbers(scan, taken)
    _correct_words(scan, taken)
    scan.spans = list(lexicon.find_spans(scan.tokens, taken))
    _find_unknown_names(scan, taken)
    covered = list(taken)
    for span in scan.spans:
        covered[span.start : span.end] = [True] * (span.end - span.start)
    scan.unknown_words = [i for i, token in enumerate(scan.tokens) if not covered[i] and _is_content(token, lexicon)]
    return scan


def _is_content(token: Token, lexicon: Lexicon) -> bool:
    return token.is_word and token.text not in lexicon.stop and not token.text.isdecimal()


def _find_names(scan: Scan, taken: list[bool]) -> None:
    place = 0
    while place < len(scan.tokens):
        span = scan.vocabulary.find_exact(scan.tokens, place)
        if span is not None and not _is_said_otherwise(scan, span):
            span = _choose_dimension(scan, span)
        else:
            span = _find_part(scan, place)
        if span is None:
            place += 1
            continue
        scan.names.append(span)
        taken[span.start : span.end] = [True] * (span.end - span.start)
        place = span.end


def _find_error_codes(scan: Scan, taken: list[bool]) -> None:
    """Take "429s" for the errors of the log that are written so or have that status code."""
    for place, token in enumerate(scan.tokens):
        code = token.text.removesuffix("s")
        if not taken[place] and code in scan.lexicon.errors and "error" in scan.vocabulary.dimensions:
            after = scan.tokens[place + 1].text if place + 1 < len(scan.tokens) else ""
            names = scan.vocabulary.find_errors((code, *scan.lexicon.errors[code]))
            if names and (token.text != code or any(c.name in ("failures", "error") for c in scan.lexicon.get(after))):
                scan.names.append(NameSpan(place, place + 1, names, False))
                taken[place] = True
    _find_error_phrases(scan, taken)
    scan.names.sort(key=lambda each: each.start)


def _find_error_phrases(scan: Scan, taken: list[bool]) -> None:
    """Take "rate limit errors" and "timeouts" for the errors of the log that are called so."""
    phrases = {fold_name(phrase): phrase for listed in scan.lexicon.errors.values() for phrase in listed}
    for place in range(len(scan.tokens)):
        for length in (2, 1):
            words = [token.text for token in scan.tokens[place : place + length]]
            if len(words) < length or any(taken[place : place + length]):
                continue
            phrase = phrases.get((*words[:-1], words[-1].removesuffix("s")), phrases.get(tuple(words)))
            names = scan.vocabulary.find_errors((phrase, phrase.replace(" ", ""))) if phrase else ()
            if names:
                scan.names.append(NameSpan(place, place + length, names, False))
                taken[place : place + length] = [True] * length
                break


def _find_listed_models(scan: Scan, taken: list[bool]) -> None:
    """Find models of the price list that the log does not have, written as one word: "claude-sonnet-5"."""
    place = 0
    while place < len(scan.tokens):
        start, end = _get_compound(scan.tokens, place)
        model = scan.vocabulary.listed_models.get(tuple(token.text for token in scan.tokens[start:end]))
        if start == place and end - start > 1 and model and not any(taken[start:end]):
            scan.listed_models.append((start, end, model))
            taken[start:end] = [True] * (end - start)
        place = max(end, place + 1)


def _is_said_otherwise(scan: Scan, span: NameSpan) -> bool:
    """Whether a name is also an ordinary word, and nothing says that the name is meant."""
    words = tuple(token.text for token in scan.tokens[span.start : span.end])
    is_ordinary = words in scan.lexicon.phrases or (len(words) == 1 and words[0] in scan.lexicon.stop)
    return is_ordinary and not _has_dimension_beside(scan, span) and not _is_quoted(scan, span)


def _has_dimension_beside(scan: Scan, span: NameSpan) -> bool:
    named = {name.dimension for name in span.names}
    return any(concept.name in named for concept in _iter_dimensions_beside(scan, span))


def _iter_dimensions_beside(scan: Scan, span: NameSpan) -> Iterator[Concept]:
    """Yield the dimensions right before or after a name: "the user total", "the Growth team"."""
    for place in (span.start - 1, span.end):
        if 0 <= place < len(scan.tokens):
            yield from (c for c in scan.lexicon.get(scan.tokens[place].text) if c.kind == "dimensions")


def _is_quoted(scan: Scan, span: NameSpan) -> bool:
    return span.start > 0 and not scan.tokens[span.start - 1].is_word and scan.tokens[span.start - 1].text in '"“„«'


def _choose_dimension(scan: Scan, span: NameSpan) -> NameSpan:
    """Return the span with the names of one dimension: the one that stands beside it, else the first."""
    beside = [concept.name for concept in _iter_dimensions_beside(scan, span)]
    dimensions = [name.dimension for name in span.names]
    chosen = next((each for each in beside if each in dimensions), dimensions[0])
    return NameSpan(span.start, span.end, tuple(n for n in span.names if n.dimension == chosen), span.is_exact)


def _find_part(scan: Scan, place: int) -> NameSpan | None:
    """Return the names of which words are a part, unless the words are ordinary ones or only part of a compound."""
    token = scan.tokens[place]
    if not token.is_word or token.text in scan.lexicon.stop or scan.lexicon.get(token.text):
        return None
    if token.text.isdecimal() and len(token.text) < 3:
        return None
    span = scan.vocabulary.find_part(scan.tokens, place)
    if span is None:
        return None
    start, end = _get_compound(scan.tokens, place)
    if not (span.start <= start and end <= span.end) and end - start > 1:
        return None
    return _choose_dimension(scan, span)


def _get_compound(tokens: Sequence[Token], place: int) -> tuple[int, int]:
    """Return the tokens that are written as one word with hyphens, dots or underscores, around `place`."""
    start = end = place
    while start > 0 and _is_joined(tokens[start - 1], tokens[start]):
        start -= 1
    while end + 1 < len(tokens) and _is_joined(tokens[end], tokens[end + 1]):
        end += 1
    return start, end + 1


def _is_joined(one: Token, other: Token) -> bool:
    return other.gap in JOINTS and one.is_word and other.is_word


def _find_numbers(scan: Scan, taken: list[bool]) -> None:
    for place, token in enumerate(scan.tokens):
        if taken[place] or _is_in_name(scan.tokens, place):
            continue
        found = _parse_scaled(token) or (parse_number(scan.question, token) if token.text[:1].isdecimal() else None)
        end = place + 1
        if found is None:
            concept = next((c for c in scan.lexicon.get(token.text) if c.kind == "numbers"), None)
            if concept is None:
                continue
            value = Decimal(concept.name)
        else:
            value = found[0]
            while end < len(scan.tokens) and scan.tokens[end].start < found[1]:
                end += 1
        after = scan.tokens[end].text if end < len(scan.tokens) else ""
        before = scan.tokens[place - 1].text if place else ""
        is_percent = after in ("%", "percent", "per", "prozent", "pour", "por") and (
            after in ("%", "percent", "prozent") or _is_cent(scan.tokens, end + 1)
        )
        scan.numbers.append(
            NumberSpan(
                place, end, value, is_percent, before in ("$", "€") or after in ("$", "dollars", "dollar", "usd")
            )
        )
        if found is not None:
            taken[place:end] = [True] * (end - place)


def _parse_scaled(token: Token) -> tuple[Decimal, int] | None:
    """Return the number that 50k or 2m stands for, and the place where it ends."""
    digits, scale = token.text[:-1], NUMBER_SCALES.get(token.text[-1:])
    return (Decimal(digits) * scale, token.end) if scale and digits.isdecimal() and len(digits) < 7 else None


def _is_in_name(tokens: Sequence[Token], place: int) -> bool:
    """Whether a number is joined to letters, as in gpt-4."""
    return (
        tokens[place].text.isdecimal()
        and place > 0
        and _is_joined(tokens[place - 1], tokens[place])
        and tokens[place - 1].text.isalpha()
    )


def _is_cent(tokens: Sequence[Token], place: int) -> bool:
    return place < len(tokens) and tokens[place].text in ("cent", "ciento")


def _correct_words(scan: Scan, taken: list[bool]) -> None:
    """Replace words with typing errors by the word of the lexicon, or find the name that is meant."""
    tokens = list(scan.tokens)
    words = scan.lexicon.words
    known = [word for word in words if len(word) >= MIN_FUZZY_LETTERS]
    unknown = [
        i
        for i, token in enumerate(tokens)
        if not taken[i] and _is_content(token, scan.lexicon) and token.text not in words
    ]
    for place in unknown[:MAX_FUZZY_WORDS]:
        if not taken[place] and not _take_similar_name(scan, tokens, place, taken):
            word = tokens[place].text
            if len(word) < MIN_FUZZY_LETTERS or any(letter.isdigit() for letter in word):
                continue
            found = process.extractOne(word, known, scorer=OSA.normalized_similarity, score_cutoff=MIN_WORD_SIMILARITY)
            if found:
                token = tokens[place]
                tokens[place] = replace(token, text=found[0])
    scan.tokens = tuple(tokens)


def _take_similar_name(scan: Scan, tokens: list[Token], place: int, taken: list[bool]) -> bool:
    """Take a name with a typing error, alone or with its neighbours: "suport chat"."""
    for start, end in ((place - 1, place + 2), (place, place + 2), (place - 1, place + 1), (place, place + 1)):
        if start < 0 or end > len(tokens) or any(taken[start:end]):
            continue
        names = scan.vocabulary.find_similar([token.text for token in tokens[start:end]])
        if names:
            span = _choose_dimension(scan, NameSpan(start, end, names, False))
            scan.names.append(span)
            scan.names.sort(key=lambda each: each.start)
            taken[start:end] = [True] * (end - start)
            return True
    return False


def _find_unknown_names(scan: Scan, taken: list[bool]) -> None:
    place = 0
    while place < len(scan.tokens):
        start, end = _get_compound(scan.tokens, place)
        if not any(taken[start:end]) and start == place:
            found = _to_unknown_name(scan, start, end)
            if found:
                scan.unknown_names.append(found)
        place = max(end, place + 1)


def _to_unknown_name(scan: Scan, start: int, end: int) -> UnknownName | None:
    """Return the words as an unknown name, if they look like one or a dimension stands before them."""
    tokens = scan.tokens[start:end]
    words = scan.question[tokens[0].start : tokens[-1].end]
    if all(token.text in scan.lexicon.words or token.text in scan.lexicon.stop for token in tokens):
        return None
    before = scan.lexicon.get(scan.tokens[start - 1].text) if start else ()
    dimension = next((c.name for c in before if c.kind == "dimensions"), None)
    if dimension is not None and _is_asked_for(scan, start - 1):
        dimension = None  # "which team sees most errors": a verb follows
    has_parts = end - start > 1 and any(token.text in scan.vocabulary.by_part for token in tokens)
    if dimension is None and not has_parts:
        return None
    if not any(_is_content(token, scan.lexicon) for token in tokens):
        return None
    similar = _list_similar(scan, tokens)
    return UnknownName(start, end, words, dimension, similar)


def _is_asked_for(scan: Scan, place: int) -> bool:
    """Whether a question word or a number stands before a dimension."""
    before = scan.tokens[place - 1] if place else None
    return before is not None and (before.text in QUESTION_WORDS or before.text[:1].isdecimal())


def list_similar_names(scan: Scan, start: int, end: int) -> tuple[Name, ...]:
    """Return names of the log that share a part with these tokens."""
    return _list_similar(scan, scan.tokens[start:end])


def _list_similar(scan: Scan, tokens: Sequence[Token]) -> tuple[Name, ...]:
    similar = tuple(
        dict.fromkeys(name for token in tokens for _, name in scan.vocabulary.by_part.get(token.text, ())[:4])
    )
    return similar[:4]
