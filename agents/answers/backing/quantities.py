"""Find the figures of a text: its numbers in digits and in words, without names, and without dates, times, ordinals,
numbers of lists, percentiles and status codes, which are no figures."""

import re
from collections.abc import Collection, Iterator, Sequence

from agents.answers.backing.hedges import widen
from agents.answers.backing.number_words import find_number_words
from agents.answers.backing.quantity import NUMBER, Quantity, QuantityKind, has_blank, read_digits
from agents.answers.backing.units import WORDS, UnitBeside, is_rate, read_unit
from agents.answers.backing.visible_text import FoundName

_GLUE = re.compile(r"(?:[^\W_]|-|(?<=\d)\.(?=\d))*\Z")
_GLUED = 40  # characters before a number that can make it part of a word
_CURRENCY_CODE = re.compile(r"^(?:usd|us|eur|gbp|chf)$")
_TIMES = re.compile(r"(?:^|[^\w])[x\u00d7] ?\Z", re.IGNORECASE)  # "x2" is twice as much
_SIGN = re.compile(r"(?:^|[\s(\[|:=>~])([-+])[$\u20ac\u00a3]?[ \u00a0]?\Z|(?:^|[\s(\[|:=>~])[$]([-+])\Z")
MAX_QUANTITIES = 400
"""Figures of one text that are matched."""

_MONTH = rf"(?:{'|'.join(sorted((month for months in WORDS['months'].values() for month in months), reverse=True))})"
_ORDINAL = r"(?:st|nd|rd|th|\.|er|e|º)?"
_DAY = rf"\d{{1,2}}{_ORDINAL}"
_UNTIL = r"\s?(?:-|to|and|through|until|bis|und|au|et|al|y|a)\s?"
_NO_MORE = r"(?![\d]|[.,]\d)"
_DATES = re.compile(
    rf"(?<![\d.,])(?:"
    rf"\d{{4}}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d(?:\.\d{{1,9}})?)?)?z?|\d{{4}}-w?\d\d(?!\d)"
    rf"|(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?!\d)(?! (?:ratio|split|min))"
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


def find_quantities(
    text: str, names: Sequence[FoundName], years: Collection[int], *, decimal_comma: bool
) -> list[Quantity]:
    """Return the figures in order. `text` is visible text, `names` those found in it."""
    lower = to_lower(text)
    taken = bytearray(len(text))
    for start, end in find_non_figures(lower, years):
        taken[start:end] = b"\1" * (end - start)
    named = bytearray(len(text))
    for name in names:
        named[name.start : name.end] = b"\1" * (name.end - name.start)
    found: list[Quantity] = []
    for match in NUMBER.finditer(text):
        found += _read_number(text, match.start(), match.end(), taken, named, decimal_comma=decimal_comma)
    for quantity in found:
        taken[quantity.start : quantity.end] = b"\1" * (quantity.end - quantity.start)
    found += [each for each in find_number_words(lower) if not taken[each.start] and not named[each.start]]
    return sorted(found, key=lambda quantity: quantity.start)


def to_lower(text: str) -> str:
    """Return the text in lower case with every character in its place."""
    lower = text.lower()
    return lower if len(lower) == len(text) else "".join(each.lower()[:1] for each in text)


def _read_number(
    text: str, start: int, end: int, taken: bytearray, named: bytearray, *, decimal_comma: bool
) -> Iterator[Quantity]:
    if taken[start] or (taken[end - 1] and not has_blank(text[start:end])):
        return
    digits = text[start:end]
    if has_blank(digits) and (taken[end - 1] or any(named[start:end])):
        yield from _read_parts(text, start, end, taken, named, decimal_comma=decimal_comma)
        return
    unit = read_unit(text, start, end)
    if named[start] and not (unit.is_attached and not _is_error(text, unit)):
        return
    is_times = bool(_TIMES.search(text[max(0, start - 3) : start]))
    if not is_times and not unit.is_attached and _glued_word(text, start):
        return
    if unit.end == end and unit.kind is QuantityKind.PLAIN and _is_latin(text[end : end + 1]):
        return  # a word that begins with digits, such as 4o
    read = read_digits(digits, decimal_comma=decimal_comma)
    if read is None and unit.kind is QuantityKind.PLAIN:
        return  # a version, such as 1.2.3
    ranges = tuple(widen(text, start, read).scale(factor) for factor in unit.factors) if read else ()
    yield Quantity(
        start=_with_sign(text, start),
        end=max(end, unit.end),
        ranges=ranges,
        kind=QuantityKind.RATIO if is_times and unit.kind is QuantityKind.PLAIN else unit.kind,
        sign=_read_sign(text, start),
        per=unit.per,
        is_rate=is_rate(text, max(end, unit.end)),
    )


def _is_latin(letter: str) -> bool:
    """Whether a letter can belong to a word with the digits before it: other scripts have their units there."""
    return letter.isalpha() and letter < "\u0250"


def _read_parts(
    text: str, start: int, end: int, taken: bytearray, named: bytearray, *, decimal_comma: bool
) -> Iterator[Quantity]:
    """Yield the numbers that blanks separate, one of which is a date or belongs to a name."""
    place = start
    for part in re.split("[ \u00a0]", text[start:end]):
        if part and part[0].isdigit() and not taken[place]:
            yield from _read_number(text, place, place + len(part), taken, named, decimal_comma=decimal_comma)
        place += len(part) + 1


def split_parts(text: str, quantity: Quantity, *, decimal_comma: bool) -> list[Quantity]:
    """Return the numbers of "12 345" as two, or nothing if it is certainly one."""
    match = NUMBER.search(text, quantity.start, quantity.end)
    if match is None or " " not in match[0]:
        return []
    nothing = bytearray(len(text)) if len(text) < match.end() else bytearray(match.end() + 1)
    return list(_read_parts(text, match.start(), match.end(), nothing, nothing, decimal_comma=decimal_comma))


def _is_error(text: str, unit: UnitBeside) -> bool:
    """Whether the word after a status code that is a name says so: "429 errors"."""
    return text[max(0, unit.end - 8) : unit.end].lower().strip().startswith(("error", "fehler"))


def _glued_word(text: str, start: int) -> bool:
    """Whether the number is the end of a word, such as gpt-4 and p95."""
    word = _GLUE.search(text[max(0, start - _GLUED) : start])
    glued = word[0].lower() if word else ""
    letters = "".join(letter for letter in glued if letter.isalpha())
    return bool(letters) and not _CURRENCY_CODE.fullmatch(glued)


def _read_sign(text: str, start: int) -> int:
    match = _SIGN.search(text[max(0, start - 6) : start])
    return 0 if match is None else -1 if "-" in (match[1], match[2]) else 1


def _with_sign(text: str, start: int) -> int:
    """Return where the number begins with its currency and its sign."""
    first = start
    while first and text[first - 1] in "$-+\u20ac\u00a3":
        first -= 1
    return start if first and text[first - 1].isalnum() else first


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
