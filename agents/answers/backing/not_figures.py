"""Parts of a text whose numbers are no figures: dates, times, ordinals, numbers of lists, percentiles, status codes."""

import re
from collections.abc import Collection, Iterator

from agents.answers.backing.quantity import QuantityKind
from agents.answers.backing.units import read_unit
from agents.answers.backing.word_lists import WORDS

_MONTH = rf"(?:{'|'.join(sorted((month for months in WORDS['months'].values() for month in months), reverse=True))})"
_ORDINAL = r"(?:st|nd|rd|th|\.|er|e|º)?"
_DAY = rf"\d{{1,2}}{_ORDINAL}"
_UNTIL = r"\s?(?:-|to|and|through|until|bis|und|au|et|al|y|a)\s?"
_NO_MORE = r"(?![\d]|[.,]\d)"
_DATES = re.compile(
    rf"(?<![\d.,])(?:"
    rf"\d{{4}}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?)?z?|\d{{4}}-w?\d\d(?!\d)"
    rf"|\d{{1,2}}:\d\d(?::\d\d)?(?!\d)"
    rf"|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}{_NO_MORE}"
    rf"|{_DAY}(?:{_UNTIL}{_DAY})?\s(?:de\s|of\s)?{_MONTH}\b(?:,?\s(?:de\s)?(?:19|20)\d\d\b)?"
    rf")",
)
_MONTH_FIRST = re.compile(
    rf"\b{_MONTH}\.?\s(?:de\s)?(?:\d{{1,2}}(?:st|nd|rd|th)?(?:{_UNTIL}\d{{1,2}}(?:st|nd|rd|th)?)?(?:,?\s(?:19|20)\d\d\b)?"
    rf"|(?:19|20)\d\d){_NO_MORE}"
)
_GERMAN_DAY = re.compile(r"\b(?:am|vom|bis|zum|seit|ab|der|dem|den)\s\d{1,2}\.\d{1,2}\.")
_WORDS_BEFORE = re.compile(
    r"\b(?:week|kw|woche|semaine|semana|status|http|code|error|fehler|erreur|line|zeile|ligne)\s\d{1,3}" + _NO_MORE
)
_ORDINALS = re.compile(
    r"\b\d{1,3}(?:st|nd|rd|th|er|re|e|eme|ieme|º|ª)\b"
    r"|\b\d{1,2}\.\s(?=(?:perzentil|platz|rang|stelle|quartal|woche|tag|monat|jahr|kw)\b)"
)
_PERCENTILES = re.compile(r"\b(?:p\d{1,2}(?:\.\d{1,2})?|[qhwv]\d{1,2})\b")
_RANKS = re.compile(
    r"(?:#|\b(?:top|first|last|next|past|previous|rank|ersten|letzten|nachsten|premiers|premieres|derniers|dernieres"
    r"|primeros|primeras|ultimos|ultimas|platz|rang)\b)\s?(\d{1,3})" + _NO_MORE
)
_DENOMINATORS = re.compile(
    r"(?:\b(?:per|je|pro|par|por|each|every)\s|/\s?)(?:1[,. \u00a0']?000(?:[,. \u00a0']?000)?|1\s?[km]|100?|1)"
    + _NO_MORE
)
_LIST_NUMBERS = re.compile(r"^[ \t]{0,8}(\d{1,3})[.)](?=\s)", re.MULTILINE)
_YEARS = re.compile(r"(?<![\d.,$€£])(?:19|20)\d\d(?![\d%$€£]|[.,]\d)")
_ANY_YEAR = range(2000, 2050)


def find_non_figures(text: str, years: Collection[int]) -> Iterator[tuple[int, int]]:
    """Yield the places, in no order. `text` is in lower case; `years` are those that the results are about."""
    for pattern in (_DATES, _GERMAN_DAY, _WORDS_BEFORE, _ORDINALS, _PERCENTILES, _DENOMINATORS):
        yield from (match.span() for match in pattern.finditer(text))
    for match in _MONTH_FIRST.finditer(text):
        if _has_no_unit(text, *match.span()):
            yield match.span()
    for match in _RANKS.finditer(text):
        if read_unit(text, match.start(1), match.end()).kind in (QuantityKind.PLAIN, QuantityKind.COUNT):
            yield match.span()
    yield from _find_list_numbers(text)
    for match in _YEARS.finditer(text):
        year = int(match[0])
        if _has_no_unit(text, *match.span()) and (year in _ANY_YEAR if not years else _is_near(year, years)):
            yield match.span()


def _is_near(year: int, years: Collection[int]) -> bool:
    return any(each in years for each in (year - 1, year, year + 1))


def _has_no_unit(text: str, start: int, end: int) -> bool:
    """Whether a day or a year has no unit that would make it a figure: "in 2026 requests" has one."""
    unit = read_unit(text, start, end)
    return unit.kind is QuantityKind.PLAIN and unit.end == end


def _find_list_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the numbers of list items that count up from 1: any other number at the start of a line is a figure."""
    last = 0
    for match in _LIST_NUMBERS.finditer(text):
        number = int(match[1])
        if number in (1, last + 1):
            last = number
            yield match.span(1)
