"""Sentences of a text in a language or a script whose numbers in words are not read: any of them may state a figure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from agents.answers.backing.units import WORDS
from agents.answers.backing.visible_text import FoundName, Parts

_WORD = re.compile(r"[^\W\d_]+")
_LATIN, _GREEK_SIGNS = "\u0250", frozenset(("\u03bcs", "\u03bc"))  # microseconds
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3005\u3006]+")
"""Kana and Han, whose numerals are read."""

_MIN_WORDS, _MIN_WORDS_OF_TEXT = 4, 8
_MIN_SHARE = 0.12  # of words that most sentences have, in a text of a language that is read
_MARGIN = 2  # words that a language needs more than those that are read
_NUMBERS = frozenset(
    word
    for table in ("numbers", "tens", "multipliers", "units", "times")
    for words in WORDS[table].values()
    for word in words
)
_READ = MappingProxyType({language: frozenset(words) | _NUMBERS for language, words in WORDS["common"].items()})
_FOREIGN = MappingProxyType({language: frozenset(words) - _NUMBERS for language, words in WORDS["foreign"].items()})


def find_unread_sentences(lower: str, sentences: Parts, names: Sequence[FoundName]) -> Iterator[tuple[int, int]]:
    """Yield the places of the sentences. `lower` is visible text in lower case, `names` are those of results in it."""
    words = _split_words(lower, sentences, names)
    everything = [word for place, said in words.items() if not _is_row(lower, sentences, place) for word in said]
    is_unread = _is_foreign(everything, _MIN_WORDS_OF_TEXT) or _has_few_common(everything)
    for place, said in words.items():
        has_words = len(said) >= _MIN_WORDS
        if any(map(_is_of_other_script, said)) or (is_unread and has_words) or _is_foreign(said, _MIN_WORDS):
            start, end = _get_span(lower, sentences, place)
            yield start, end


def _split_words(lower: str, sentences: Parts, names: Sequence[FoundName]) -> Mapping[int, list[str]]:
    named = bytearray(len(lower))
    for name in names:
        named[name.start : name.end] = b"\1" * (name.end - name.start)
    words: dict[int, list[str]] = {}
    for match in _WORD.finditer(lower):
        if not named[match.start()]:
            words.setdefault(sentences.find(match.start()), []).append(match[0])
    return words


def _is_of_other_script(word: str) -> bool:
    """Whether a word has letters that are neither Latin nor read: "\u0432\u0434\u0432\u043e\u0435" is twice."""
    if word.isascii() or word in _GREEK_SIGNS:
        return False
    letters = _EAST_ASIAN.sub("", word)
    return len(word) > 1 and any(letter >= _LATIN for letter in letters)


def _is_foreign(words: Sequence[str], least: int) -> bool:
    """Whether a language that is not read has more of the words than each that is."""
    foreign, read = _count_most(words, _FOREIGN), _count_most(words, _READ)
    return len(words) >= least and foreign >= (read + _MARGIN if read else 1)


def _count_most(words: Sequence[str], languages: Mapping[str, frozenset[str]]) -> int:
    return max(sum(word in common for word in words) for common in languages.values())


def _has_few_common(words: Sequence[str]) -> bool:
    latin = [word for word in words if not _EAST_ASIAN.match(word)]
    return len(latin) >= _MIN_WORDS_OF_TEXT and _count_most(latin, _READ) < _MIN_SHARE * len(latin)


def _is_row(lower: str, sentences: Parts, place: int) -> bool:
    return lower.startswith("|", sentences.starts[place])


def _get_span(lower: str, sentences: Parts, place: int) -> tuple[int, int]:
    """Return where a sentence begins and ends, without the blanks around it; a table's row without its last border."""
    starts = sentences.starts
    first, last = starts[place], starts[place + 1] if place + 1 < len(starts) else len(lower)
    said = lower[first:last]
    return first + len(said) - len(said.lstrip("| \n\t")), first + len(said.rstrip("| \n\t"))
