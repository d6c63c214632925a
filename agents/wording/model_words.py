"""A model's words made safe to show: Markdown without links, images, HTML and invisible characters, and with a mark
behind each number that no result backs, also while the words are still being written."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from agents.answers.backing.known_figures import KnownFigures, build_known_figures
from agents.answers.backing.matching import UnbackedNumber, find_unbacked_numbers
from agents.llm.turns import TextChunk
from tools.dispatcher import ToolResult
from workloads.report.escaping import HIDDEN_CATEGORIES, LINK_PATTERN

MAX_WORDS = 4_000
"""Characters of an answer in a model's words."""

_LINK_SYNTAX = (("](", "] ("), ("][", "] ["), ("]:", "] :"))
_UNFINISHED = re.compile(r"\S*\d\S*(?:\s+\S*){0,3}\Z")
_LAST_WORD = re.compile(r"\S+\Z")
_HELD_BACK = 80  # characters at the end of a text that may belong to a number that is still being written


def clean_words(words: str) -> str:
    """Return the words without what a page would load or follow: a model has no reason to write links.

    Emphasis, lists, tables and code stay. The words of links stay, too, but lead nowhere.
    """
    seen = "".join(each for each in words[:MAX_WORDS] if each in "\n\t" or not _is_hidden(each)).strip()
    for syntax, plain in _LINK_SYNTAX:
        seen = seen.replace(syntax, plain)
    return LINK_PATTERN.sub(lambda match: f"&#{ord(match[0])};", seen.replace("<", "&lt;"))


def _is_hidden(letter: str) -> bool:
    return (not letter.isascii() and unicodedata.category(letter) in HIDDEN_CATEGORIES) or letter < " "


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedText:
    """Markdown with a mark behind each unbacked number. `unbacked` are the numbers' places in it, without the marks."""

    text: str
    unbacked: tuple[UnbackedNumber, ...] = ()


def mark_unbacked(text: str, known: KnownFigures, mark: str, *, language: str = "en") -> MarkedText:
    """Return the text with `mark` behind each number that `known` does not back. `mark` is a word or two."""
    numbers = find_unbacked_numbers(text, known, language=language)
    behind = f" ({mark})"
    parts: list[str] = []
    placed: list[UnbackedNumber] = []
    end = length = 0
    for number in numbers:
        before = text[end : number.start]
        start = length + len(before)
        placed.append(UnbackedNumber(start=start, end=start + len(number.text), text=number.text))
        parts += [before, number.text, behind]
        length = start + len(number.text) + len(behind)
        end = number.end
    return MarkedText(text="".join((*parts, text[end:])), unbacked=tuple(placed))


def cut_unfinished(text: str) -> str:
    """Return a text that is still being written without its end, as far as a number or its unit may not be complete."""
    start = max(0, len(text) - _HELD_BACK)
    tail = text[start:]
    match = _UNFINISHED.search(tail) or _LAST_WORD.search(tail)
    if match is None:
        return text
    cut = start + match.start()
    return text[:cut] if cut > start or start == 0 else text[:start]


class StreamMarker:
    """Revises the texts of one turn. `results` grows as tools are called; a text is matched against those so far."""

    def __init__(self, results: Sequence[ToolResult], mark: str, language: str) -> None:
        self._results = results
        self._mark = mark
        self._language = language
        self._known: tuple[int, KnownFigures] | None = None

    async def __call__(self, chunk: TextChunk) -> TextChunk:
        results = tuple(self._results)
        return await asyncio.to_thread(self._revise, chunk, results)

    def _revise(self, chunk: TextChunk, results: tuple[ToolResult, ...]) -> TextChunk:
        if self._known is None or self._known[0] != len(results):
            self._known = (len(results), build_known_figures(result.value for result in results))
        words = clean_words(chunk.text if chunk.final else cut_unfinished(chunk.text))
        marked = mark_unbacked(words, self._known[1], self._mark, language=self._language)
        return TextChunk(chunk.part, marked.text, chunk.final)
