"""The phrases of a language and their concepts, found by longest match. Linear in the number of tokens."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from agents.language.tokens import Token, fold, fold_name, tokenize

LANGUAGES = ("en", "de", "fr", "es")
MAX_PHRASE = 8
_STOP, WHETHER, ASKED = "stop", "whether", "asked"


@dataclass(frozen=True, slots=True)
class Concept:
    """What a phrase stands for: a measure, a dimension, an operator, ... (the tables of words/*.toml) and its name."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens `start` to before `end` of a question, and a concept that they stand for."""

    start: int
    end: int
    concept: Concept


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The phrases of one language, or of several, of which `language` is the first: token texts to concepts.

    `stop` are words without a meaning of their own. `common` are frequent words of these languages that mean nothing
    here, and so are no typing errors of other words or of names. `words` are all words of all phrases, in the order of
    the data: the most important ones come first. `asked` are further words, which only some rules know
    (rules/spending). `errors`: how the names of errors with a status code are written, and
    `error_phrases` the same by their tokens."""

    language: str
    phrases: Mapping[tuple[str, ...], tuple[Concept, ...]]
    stop: frozenset[str]
    common: frozenset[str]
    words: Mapping[str, None]
    asked: frozenset[str]
    errors: Mapping[str, tuple[str, ...]]
    error_phrases: Mapping[tuple[str, ...], str]

    def get(self, *words: str) -> tuple[Concept, ...]:
        return self.phrases.get(words, ())

    def is_word(self, word: str) -> bool:
        """Whether a word is written correctly, whether it means anything here or not."""
        return word in self.words or word in self.common or word in self.asked

    def find_spans(self, tokens: Sequence[Token], taken: Sequence[bool]) -> Iterator[Span]:
        """Yield the concepts of the longest phrases, from left to right, outside of tokens that are taken.

        A phrase can have several concepts: a span is yielded for each.
        """
        place = 0
        while place < len(tokens):
            length = self._find_longest(tokens, taken, place)
            if length:
                words = tuple(token.text for token in tokens[place : place + length])
                yield from (Span(place, place + length, concept) for concept in self.phrases[words])
            place += max(length, 1)

    def _find_longest(self, tokens: Sequence[Token], taken: Sequence[bool], place: int) -> int:
        free = 0
        while free < MAX_PHRASE and place + free < len(tokens) and not taken[place + free]:
            free += 1
        for length in range(free, 0, -1):
            if tuple(token.text for token in tokens[place : place + length]) in self.phrases:
                return length
        return 0


@dataclass(frozen=True, slots=True)
class LanguageWords:
    """What words/*.toml says of one language: its phrases with a concept each, in the order of the file."""

    phrases: tuple[tuple[tuple[str, ...], Concept], ...]
    stop: frozenset[str]
    common: frozenset[str]
    errors: Mapping[str, tuple[str, ...]]
    language: str


def read_words(language: str) -> LanguageWords:
    data, common = _load(language), _load("common")
    phrases = ((tuple(token.text for token in tokenize(phrase)), concept) for phrase, concept in _iter_concepts(data))
    return LanguageWords(
        phrases=tuple(phrases),
        stop=frozenset(word for phrase in data[_STOP]["words"] for word in fold_name(phrase)),
        common=frozenset(fold(word) for line in common[language] for word in line.split()),
        errors=MappingProxyType({code: tuple(names) for code, names in data.get("errors", {}).items()}),
        language=language,
    )


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files("agents.language").joinpath("words", f"{name}.toml").read_text("utf-8"))


def build_lexicon(*languages: LanguageWords) -> Lexicon:
    """Return the phrases of these languages together. The first language's meaning of a phrase comes first."""
    phrases: dict[tuple[str, ...], list[Concept]] = {}
    errors: dict[str, tuple[str, ...]] = {}
    for place, language in enumerate(languages):
        errors |= language.errors
        for key, concept in language.phrases:
            if place and concept.kind == WHETHER:
                continue  # the "was" of a German question asks what
            known = phrases.setdefault(key, [])
            if concept not in known:
                known.append(concept)
    told = [phrase for phrase, concepts in phrases.items() if any(each.kind != ASKED for each in concepts)]
    return Lexicon(
        language=languages[0].language,
        phrases=MappingProxyType({key: tuple(concepts) for key, concepts in phrases.items()}),
        stop=frozenset().union(*(language.stop for language in languages)),
        common=frozenset().union(*(language.common for language in languages)),
        words=MappingProxyType(dict.fromkeys(word for phrase in told for word in phrase)),
        asked=frozenset(word for phrase in phrases for word in phrase).difference(*told),
        errors=MappingProxyType(errors),
        error_phrases=MappingProxyType({fold_name(phrase): phrase for listed in errors.values() for phrase in listed}),
    )


def _iter_concepts(
    data: Mapping[str, Mapping[str, Sequence[str] | Sequence[Sequence[str]]]],
) -> Iterator[tuple[str, Concept]]:
    for kind, entries in data.items():
        if kind in (_STOP, "errors"):
            continue
        for name, listed in entries.items():
            for place, item in enumerate(listed):
                if kind == "calendar":
                    yield from ((phrase, Concept(name, str(place + 1))) for phrase in item)
                else:
                    yield str(item), Concept(kind, name)


def detect_language(tokens: Sequence[Token], lexicons: Mapping[str, Lexicon], usual: str = "en") -> str:
    """Return the language that knows the most words of the question, or has the longest phrases of it; `usual` where
    several do."""
    counts = {
        language: sum(
            token.text in lexicon.stop or ((token.text,) in lexicon.phrases and token.text not in lexicon.asked)
            for token in tokens
        )
        for language, lexicon in lexicons.items()
    }
    alike = [language for language, count in counts.items() if count == max(counts.values())]
    if len(alike) == 1:
        return alike[0]
    said = {language: _count_phrases(tokens, lexicons[language]) for language in alike}
    return max(alike, key=lambda language: (said[language], language == usual))


def _count_phrases(tokens: Sequence[Token], lexicon: Lexicon) -> int:
    """Return how many tokens are in phrases of a language."""
    spans = (s for s in lexicon.find_spans(tokens, [False] * len(tokens)) if s.concept.kind != ASKED)
    return len({place for span in spans for place in range(span.start, span.end)})
