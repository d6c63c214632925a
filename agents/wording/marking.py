"""Mark the numbers of a model's words that no result backs, so that the reader sees which they are."""

import re
from dataclasses import dataclass

from agents.answers.backing.known_figures import KnownFigures
from agents.answers.backing.matching import UnbackedNumber, find_unbacked_numbers

_UNFINISHED = re.compile(r"\S*\d\S*(?:\s+\S*){0,3}\Z")
_LAST_WORD = re.compile(r"\S+\Z")
_HELD_BACK = 80  # characters at the end of a text that may belong to a number that is still being written


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
