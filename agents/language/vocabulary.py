"""The names that occur in a log, found in a question: exact, in part ("sonnet"), or with typing errors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from types import MappingProxyType

from rapidfuzz import fuzz, process

from agents.language.tokens import Token, fold_name, iter_column_names

MIN_FUZZY_LETTERS = 4
MIN_NAME_SCORE = 76.0
MAX_NAME_TOKENS = 8
MAX_NAMES = 5_000
MAX_NAMES_OF_PART = 50
MAX_PART_TOKENS = 16
"""Tokens of a name that a question may have a part of; a name with more is a sentence."""
MAX_KEPT_NAMES = 100
"""Values of a further column that are names; with more of them it holds something else."""

CALLS = frozenset(
    {
        *("completion", "embedding", "embeddings", "moderation", "rerank", "responses", "speech", "transcription"),
        *("text_completion", "image_generation"),
    }
)
"""Calls whose names have an "a" in front where they were made asynchronously: "aembedding"."""

TRUE, FALSE = frozenset({"true", "yes", "y", "t", "1"}), frozenset({"false", "no", "n", "f", "0"})
"""What a column of marks holds."""

NO_NAMES = frozenset({"true", "false", "yes", "no", "none", "null", "nan"})


@dataclass(frozen=True, slots=True)
class Name:
    """A value of a dimension of the log."""

    dimension: str
    value: str


@dataclass(frozen=True, slots=True)
class NameSpan:
    """Tokens that stand for one or more names. `is_exact`: they are the whole name, letter by letter."""

    start: int
    end: int
    names: tuple[Name, ...]
    is_exact: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names of a log, at most MAX_NAMES, in the order of their spend. `dimensions` are those that the log has;
    `listed_models` those of the price list, which a question may compare with. `columns` are the dimensions that are
    read from a column of the file, by the words of its name. `errors` are the errors by their words. `marks` are the
    further columns of true and false, with what stands for true."""

    dimensions: frozenset[str]
    by_tokens: Mapping[tuple[str, ...], tuple[Name, ...]]
    by_words: Mapping[str, tuple[Name, ...]]
    by_part: Mapping[str, tuple[tuple[tuple[str, ...], Name], ...]]
    listed_models: Mapping[tuple[str, ...], str]
    columns: Mapping[tuple[str, ...], str]
    errors: tuple[tuple[str, Name], ...]
    marks: Mapping[str, str]

    def find_exact(self, tokens: Sequence[Token], place: int) -> NameSpan | None:
        """Return the longest whole name that starts at `place`."""
        for length in range(min(MAX_NAME_TOKENS, len(tokens) - place), 0, -1):
            names = self.by_tokens.get(tuple(token.text for token in tokens[place : place + length]))
            if names:
                return NameSpan(place, place + length, names, True)
        return None

    def has_several(self, dimension: str) -> bool:
        """Whether the log has more than one value of a dimension."""
        named = (name for names in self.by_tokens.values() for name in names if name.dimension == dimension)
        return sum(1 for _ in islice(named, 2)) > 1

    def find_errors(self, words: Iterable[str]) -> tuple[Name, ...]:
        """Return the errors whose names contain one of `words`."""
        wanted = tuple(words)
        return tuple(
            name
            for spaced, name in self.errors
            if any(each in spaced or each in spaced.replace(" ", "") for each in wanted)
        )

    def find_part(self, tokens: Sequence[Token], place: int) -> NameSpan | None:
        """Return the names of which the tokens from `place` on are a part, the longest part first.

        The first of them may be the plural of a part: "embeddings" of text-embedding-3-small.
        """
        start, word = place, tokens[place].text
        if word not in self.by_part and len(word) > MIN_FUZZY_LETTERS:
            one = replace(tokens[place], text=word.removesuffix("s"))
            tokens, place = (one, *tokens[place + 1 : place + MAX_NAME_TOKENS]), 0
        candidates = self.by_part.get(tokens[place].text, ())
        best: tuple[int, list[Name]] = (0, [])
        for parts, name in candidates:
            length = _count_common(parts, tokens, place)
            if length > best[0]:
                best = (length, [name])
            elif length == best[0] and name not in best[1]:
                best[1].append(name)
        return NameSpan(start, start + best[0], tuple(best[1]), False) if best[0] else None

    def find_similar(self, words: Sequence[str]) -> tuple[Name, ...]:
        """Return the names that are written much like `words`; the best ones, if several are as good."""
        if not words or sum(len(word) for word in words) < MIN_FUZZY_LETTERS:
            return ()
        wanted = " ".join(words)
        keys = self.by_words
        digits = _get_digits(wanted)
        found = process.extract(wanted, keys.keys(), scorer=fuzz.ratio, score_cutoff=MIN_NAME_SCORE, limit=3)
        found = [each for each in found if not digits or _get_digits(each[0]) == digits]  # gpt-5 is not gpt-4
        return keys[found[0][0]] if found and (len(found) == 1 or found[0][1] > found[1][1]) else ()


def _get_digits(words: str) -> str:
    return "".join(letter for letter in words if letter.isdecimal())


def _count_common(parts: Sequence[str], tokens: Sequence[Token], place: int) -> int:
    """Return how many tokens from `place` on are consecutive parts of a name."""
    best = 0
    for start, part in enumerate(parts):
        if part != tokens[place].text:
            continue
        length = 0
        while (
            start + length < len(parts)
            and place + length < len(tokens)
            and parts[start + length] == tokens[place + length].text
        ):
            length += 1
        best = max(best, length)
    return best


def fold_models(models: Iterable[str]) -> Mapping[tuple[str, ...], str]:
    """Return models of the price list by their tokens, as `build_vocabulary` takes them: the list is long, and the same
    for every question."""
    return MappingProxyType({fold_name(model): model for model in models})


def build_vocabulary(
    values: Mapping[str, Iterable[str]],
    listed_models: Mapping[tuple[str, ...], str] = MappingProxyType({}),
    kept: Mapping[str, Iterable[str]] = MappingProxyType({}),
    columns: Mapping[str, str] = MappingProxyType({}),
    makers: Mapping[str, Iterable[str]] = MappingProxyType({}),
) -> Vocabulary:
    """Return the vocabulary of a log from the values of each of its dimensions, the most important ones first.

    `kept` are the values of the file's further columns. They are names only where they are written in full, since
    such a column can hold anything. `columns` are the dimensions by the names of the file's columns, `makers` the
    models by their provider, whose name stands for all of them.
    """
    by_tokens: dict[tuple[str, ...], list[Name]] = {}
    by_part: dict[str, list[tuple[tuple[str, ...], Name]]] = {}
    count = 0
    for dimension, names in values.items():
        for value in names:
            tokens = fold_name(value)
            if not tokens or count >= MAX_NAMES:
                continue
            count += 1
            name = Name(dimension, value)
            by_tokens.setdefault(tokens, []).append(name)
            for part in dict.fromkeys(tokens[:MAX_PART_TOKENS]):
                known = by_part.setdefault(part, [])
                if len(known) < MAX_NAMES_OF_PART:
                    known.append((tokens[:MAX_PART_TOKENS], name))
    for dimension, names in kept.items():
        for value in _list_names(names):
            for tokens in _iter_forms(fold_name(value)):
                by_tokens.setdefault(tokens, []).append(Name(dimension, value))
    for maker, models in makers.items():
        by_tokens.setdefault(fold_name(maker), []).extend(Name("model", model) for model in models)
    return Vocabulary(
        dimensions=frozenset((*values, *kept)),
        columns=_index_columns(columns),
        by_tokens=MappingProxyType({key: tuple(found) for key, found in by_tokens.items()}),
        by_words=MappingProxyType({" ".join(key): tuple(found) for key, found in by_tokens.items()}),
        by_part=MappingProxyType({key: tuple(found) for key, found in by_part.items()}),
        listed_models=listed_models,
        errors=tuple(
            (" ".join(tokens), name)
            for tokens, found in by_tokens.items()
            for name in found
            if name.dimension == "error"
        ),
        marks=MappingProxyType({name: true for name, found in kept.items() if (true := _find_true(tuple(found)))}),
    )


def _find_true(values: tuple[str, ...]) -> str | None:
    """Return the value that stands for true, if there are no others than that and one for false."""
    folded = {value.casefold() for value in values}
    is_mark = 0 < len(values) <= 2 and folded <= TRUE | FALSE and len(folded & TRUE) == 1
    return next(value for value in values if value.casefold() in TRUE) if is_mark else None


def _index_columns(columns: Mapping[str, str]) -> Mapping[tuple[str, ...], str]:
    """Return the dimensions by the words of the columns' names. Words of two columns are those of neither, unless they
    are the whole name of one."""
    named: dict[tuple[str, ...], set[str]] = {}
    whole: dict[tuple[str, ...], str] = {}
    for column, dimension in columns.items():
        whole.setdefault(fold_name(column), dimension)
        for words in iter_column_names(column):
            named.setdefault(words, set()).add(dimension)
    single = {words: next(iter(dimensions)) for words, dimensions in named.items() if len(dimensions) == 1}
    return MappingProxyType({words: dimension for words, dimension in (single | whole).items() if any(words)})


def _iter_forms(tokens: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Yield the ways to say a value of a further column: also in the plural, and as the kind of call that it is."""
    *first, last = tokens
    kind = last[1:] if not first and last[1:] in CALLS else last
    yield from dict.fromkeys((tokens, *((*first, form) for form in (kind, f"{kind}s", kind.removesuffix("s")) if form)))


def _list_names(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values of a further column if they are names: not too many, and no numbers, times or sentences."""
    found = tuple(values)
    names = tuple(
        value
        for value in found
        if any(letter.isalpha() for letter in value)
        and value.casefold() not in NO_NAMES
        and 0 < len(fold_name(value)) <= MAX_NAME_TOKENS
    )
    return names if len(found) <= MAX_KEPT_NAMES and len(names) == len(found) else ()
