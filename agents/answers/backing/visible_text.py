"""The visible text of Markdown, with the place of each character in the source; its sentences, its clauses, and the
names of results in it: models, features, teams and whatever else groups have.

Numbers are looked for in what is seen: "9**0**", "9&#48;" and digits of other scripts are read as 90, too."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from types import MappingProxyType

_MARKUP = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|~~|</?[A-Za-z][^<>0-9\n]{0,100}>"
)

_UNSEEN = frozenset("*_`\\")
_SPACES = frozenset("\u00a0\u2007\u2009\u202f")  # those that group digits
_MINUSES = frozenset("\u2212\u2012\u2013\u2014\ufe63\uff0d")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_CLAUSE_END = re.compile(r"[;:()]|,(?=\s)|\s(?:and|while|but|und|aber|et|mais|y|pero)\s|[.!?](?=\s|$)|\n")

MAX_NAME_TOKENS = 12  # a longer name is not found
MAX_NAMES = 5_000
_TOKEN = re.compile(r"[^\W_]+")

Name = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VisibleText:
    """`starts` and `ends` are the places in the source that each character of `text` comes from."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def to_source(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the source of a part of the text that is not empty."""
        return self.starts[start], self.ends[end - 1]


def read_visible_text(source: str) -> VisibleText:
    """Return the text without marks of emphasis, code, escapes and accents; its digits and minus signs are plain."""
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for start, end, seen in _iter_pieces(source):
        for letter in seen:
            plain = _to_plain(letter)
            if plain:
                letters.append(plain)
                starts.append(start)
                ends.append(end)
    return VisibleText("".join(letters), tuple(starts), tuple(ends))


def _iter_pieces(source: str) -> Iterator[tuple[int, int, str]]:
    place = 0
    for match in _MARKUP.finditer(source):
        yield from ((at, at + 1, source[at]) for at in range(place, match.start()))
        yield match.start(), match.end(), unescape(match[0]) if match[0][0] == "&" else ""
        place = match.end()
    yield from ((at, at + 1, source[at]) for at in range(place, len(source)))


def _to_plain(letter: str) -> str:
    """Return one character in its place, or an empty text if it is not seen."""
    if letter.isascii():
        return "" if letter in _UNSEEN else letter
    if letter.isdecimal():
        return str(unicodedata.decimal(letter))
    if letter.isalpha():
        return unicodedata.normalize("NFKD", letter)[0]
    if unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return ""
    return _to_plain_sign(letter)


def _to_plain_sign(letter: str) -> str:
    if letter in _SPACES:
        return "\u00a0"
    folded = "-" if letter in _MINUSES else unicodedata.normalize("NFKC", letter)
    return folded if len(folded) == 1 and folded.isascii() else letter


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of a text by the places where they begin; the first begins at 0."""

    starts: tuple[int, ...]

    def find(self, place: int) -> int:
        """Return the number of the part that a place is in."""
        return bisect_right(self.starts, place) - 1


def split_sentences(text: str) -> Parts:
    return Parts((0, *(match.end() for match in _SENTENCE_END.finditer(text))))


def split_clauses(text: str) -> Parts:
    """Split `text`, in lower case. A row of a table is one clause."""
    starts = [0]
    line_start = 0
    for line in text.splitlines(keepends=True):
        if line.lstrip().startswith("|"):
            starts.append(line_start)
        else:
            starts += [line_start + match.end() for match in _CLAUSE_END.finditer(line)]
        line_start += len(line)
        starts.append(line_start)
    return Parts(tuple(sorted(set(starts))))


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
    whole = frozenset(list(dict.fromkeys(name for name in names if 0 < len(name) <= MAX_NAME_TOKENS))[:MAX_NAMES])
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
