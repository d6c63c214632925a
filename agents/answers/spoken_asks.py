"""Questions that an answer offers to click, in the language of the question that it answers.

The planner writes them in English; asks.toml has each in the other languages of the grammar, which reads them again.
One that is not in the table stays English, which is read in every language."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from string import Formatter
from types import MappingProxyType

from agents.answers.answer import Answer, Chip, Choice
from agents.language.lexicon import LANGUAGES

OTHERS = tuple(language for language in LANGUAGES if language != "en")
"""In the order of the table's columns."""


def _read_table() -> tuple[Mapping[str, Sequence[str]], Mapping[str, Sequence[str]]]:
    """Return the names of dimensions, and the questions with fields, by their English form."""
    data = tomllib.loads((files(__package__) / "asks.toml").read_text(encoding="utf-8"))
    names = {**data["dimensions"], **data["several"]}
    return MappingProxyType(names), MappingProxyType(data["asks"])


def _split(ask: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words around the fields of a question, and the fields, of which there are two at most."""
    parsed = tuple(Formatter().parse(ask))
    fields = tuple(field for _, field, _, _ in parsed if field)
    words = tuple(literal for literal, *_ in parsed)
    return (words if len(words) > len(fields) else (*words, "")), fields


NAMES, ASKS = _read_table()
_TEMPLATES = tuple((*_split(ask), tuple(spoken)) for ask, spoken in ASKS.items())


def say_ask(ask: str, language: str) -> str:
    """Return an English question in a language; as it is if that is English, or if the table does not have it."""
    if language not in OTHERS:
        return ask
    place = OTHERS.index(language)
    found = ((_match(ask, words, fields), spoken) for words, fields, spoken in _TEMPLATES)
    return next((_fill(spoken[place], values, place) for values, spoken in found if values is not None), ask)


def _match(ask: str, words: Sequence[str], fields: Sequence[str]) -> dict[str, str] | None:
    """Return what stands for each field of a template in a question, or None if it is another question."""
    if not fields:
        return {} if ask == words[0] else None
    first, last = words[0], words[-1]
    if not ask.startswith(first) or not ask.endswith(last) or len(ask) <= len(first) + len(last):
        return None
    middle = ask[len(first) : len(ask) - len(last)]
    if len(fields) == 1:
        return {fields[0]: middle}
    before, between, after = middle.rpartition(words[1])
    return {fields[0]: before, fields[1]: after} if between and before and after else None


def _fill(spoken: str, values: Mapping[str, str], place: int) -> str:
    words = dict(_iter_words(values, place))
    return spoken.format_map(words)


def _iter_words(values: Mapping[str, str], place: int) -> Iterator[tuple[str, str]]:
    """Yield what stands for each field, and for one with a capital letter at the beginning of a question."""
    for field, value in values.items():
        is_dimension = field.startswith(("by", "many")) and value in NAMES
        word = NAMES[value][place] if is_dimension else value
        yield field, word
        yield field.capitalize(), word[:1].upper() + word[1:]


def speak_asks(answer: Answer, language: str) -> Answer:
    """Return the answer with what it offers to click in a language."""
    if language not in OTHERS:
        return answer
    return replace(
        answer,
        choices=tuple(_speak(each, language) for each in answer.choices),
        suggestions=tuple(say_ask(each, language) for each in answer.suggestions),
        understood=tuple(_speak_chip(chip, language) for chip in answer.understood),
    )


def _speak(choice: Choice, language: str) -> Choice:
    """Return a choice with its question in a language, and its label, if that is the question."""
    ask = say_ask(choice.ask, language)
    return Choice(label=ask if choice.label == choice.ask else choice.label, ask=ask)


def _speak_chip(chip: Chip, language: str) -> Chip:
    return replace(chip, options=tuple(_speak(each, language) for each in chip.options))
