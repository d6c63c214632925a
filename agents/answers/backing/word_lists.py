"""The words of words.toml. They are data: more words of a language need no code."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from types import MappingProxyType


def load_words() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Return the words of each key of each table, in their order; hedges have blanks and are separated by "|"."""
    data = tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
    return MappingProxyType({table: _split_entries(entries, table == "hedges") for table, entries in data.items()})


def _split_entries(entries: Mapping[str, str], has_phrases: bool) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType(
        {
            key: tuple(words.replace("\n", "").split("|") if has_phrases else words.split())
            for key, words in entries.items()
        }
    )


WORDS = load_words()
