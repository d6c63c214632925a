"""The visible text of Markdown, with the place of each character in the source, and its sentences and clauses.

Numbers are looked for in what is seen: "9**0**", "9&#48;" and digits of other scripts are read as 90, too."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

_MARKUP = re.compile(
    r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});|~~|</?[A-Za-z][^<>0-9\n]{0,100}>"
)

_UNSEEN = frozenset("*_`\\")
_SPACES = frozenset("\u00a0\u2007\u2009\u202f")  # those that group digits
_MINUSES = frozenset("\u2212\u2012\u2013\u2014\ufe63\uff0d")
_SENTENCE_END = re.compile(r"[.!?](?=\s|$)|\n")
_CLAUSE_END = re.compile(r"[;:()]|,(?=\s)|\s(?:and|while|but|und|aber|et|mais|y|pero)\s|[.!?](?=\s|$)|\n")


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
