"""Find names of the results in a text: models, features, teams and whatever else groups have."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from agents.answers.backing.visible_text import read_visible_text

MAX_TOKENS = 12  # of a name; a longer one is not found
MAX_NAMES = 5_000
_TOKEN = re.compile(r"[^\W_]+")

Name = tuple[str, ...]


def split_name(name: str) -> Name:
    """Return a name as it is compared: "gpt-4o-mini" is gpt, 4o, mini."""
    return tuple(_TOKEN.findall(read_visible_text(name[:200]).text.lower()))


@dataclass(frozen=True, slots=True)
class FoundName:
    """A name at `start` to before `end`. `is_whole` is false for the beginning of a name, as "claude 3.5" may be."""

    start: int
    end: int
    name: Name
    is_whole: bool


@dataclass(frozen=True, slots=True)
class NameFinder:
    """`lengths`: how many tokens the names and beginnings of names have, by their first token, longest first."""

    names: frozenset[Name]
    beginnings: frozenset[Name]
    lengths: Mapping[str, tuple[int, ...]]

    def find(self, text: str) -> Iterator[FoundName]:
        """Yield the longest names from left to right; `text` is in lower case. Linear in the text."""
        tokens = list(_TOKEN.finditer(text))
        words = [token[0] for token in tokens]
        place = 0
        while place < len(words):
            found = self._find_at(words, place)
            if found:
                start, end = tokens[place].start(), tokens[place + len(found) - 1].end()
                yield FoundName(start, end, found, is_whole=found in self.names)
            place += len(found) or 1

    def _find_at(self, words: list[str], place: int) -> Name:
        for length in self.lengths.get(words[place], ()):
            name = tuple(words[place : place + length])
            if name in self.names or name in self.beginnings:
                return name
        return ()


def build_name_finder(names: Iterable[Name]) -> NameFinder:
    whole = frozenset(list(dict.fromkeys(name for name in names if 0 < len(name) <= MAX_TOKENS))[:MAX_NAMES])
    beginnings = frozenset(
        name[:length]
        for name in whole
        for length in range(2, len(name))
        if not name[0].isdigit() and any(token[0].isdigit() for token in name[:length])
    )
    lengths: dict[str, set[int]] = {}
    for name in (*whole, *beginnings):
        lengths.setdefault(name[0], set()).add(len(name))
    ordered = {first: tuple(sorted(found, reverse=True)) for first, found in lengths.items()}
    return NameFinder(whole, beginnings, MappingProxyType(ordered))
