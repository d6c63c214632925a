"""The words of every language load, and none is listed twice for the same meaning."""

import tomllib
from collections import Counter
from importlib.resources import files

import pytest

from agents.language.lexicon import LANGUAGES, read_words
from agents.language.scan import MAX_COMPOUND, get_compound
from agents.language.tokens import fold_name, tokenize
from workloads.query.dimensions import DIMENSIONS
from workloads.query.measures import MEASURES

EXPANDED = {"overview", "token_kinds", "latency", "first_token"}
"""Names that stand for several measures, or for one that the question chooses."""


def load(language: str) -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("agents.language").joinpath("words", f"{language}.toml").read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_list_has_no_duplicates(language: str) -> None:
    twice = {
        f"{table}.{name}": [phrase for phrase, count in Counter(map(str, phrases)).items() if count > 1]
        for table, entries in load(language).items()
        for name, phrases in entries.items()
    }
    assert {name: phrases for name, phrases in twice.items() if phrases} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_phrase_has_words_and_every_measure_and_dimension_exists(language: str) -> None:
    data = load(language)
    assert read_words(language).phrases
    assert set(data["measures"]) <= set(MEASURES) | EXPANDED
    assert set(data["dimensions"]) <= set(DIMENSIONS)
    signs = {"%", "$", "€"}
    empty = [phrase for phrases in data["measures"].values() for phrase in phrases if not fold_name(phrase)]
    assert set(empty) <= signs


def test_a_word_of_many_hyphens_is_looked_at_in_parts() -> None:
    tokens = tokenize("a-" * 300)
    assert all(end - start <= 2 * MAX_COMPOUND for start, end in (get_compound(tokens, at) for at in range(300)))
