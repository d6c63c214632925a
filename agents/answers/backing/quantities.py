"""Find the figures of a text: its numbers in digits and in words, without names, dates, ordinals and list numbers."""

import re
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from agents.answers.backing.names import FoundName
from agents.answers.backing.not_figures import find_non_figures
from agents.answers.backing.number_words import find_number_words
from agents.answers.backing.quantity import NUMBER, Quantity, QuantityKind, Range, has_blank, read_digits
from agents.answers.backing.units import UnitBeside, read_unit
from agents.answers.backing.word_lists import WORDS

_GLUE = re.compile(r"(?:[^\W_]|-|(?<=\d)\.(?=\d))*\Z")
_GLUED = 40  # characters before a number that can make it part of a word
_CURRENCY_CODE = re.compile(r"^(?:usd|us|eur|gbp|chf)$")
_SIGN = re.compile(r"(?:^|[\s(\[|:=>~])([-+])[$\u20ac\u00a3]?[ \u00a0]?\Z|(?:^|[\s(\[|:=>~])[$]([-+])\Z")
_BEFORE = 24
_ABOUT, _OVER, _UNDER = (
    re.compile(rf"(?:{sign}|\b(?:{'|'.join(WORDS['hedges'][name])})\.?)[ \u00a0]?[$]?\Z")
    for name, sign in (("about", "[~\u2248]"), ("over", "[>]"), ("under", "[<]"))
)

MAX_QUANTITIES = 400
"""Figures of one text that are matched."""


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
    glued = _glued_word(text, start)
    if glued and not unit.is_attached:
        return
    if unit.end == end and unit.kind is QuantityKind.PLAIN and text[end : end + 1].isalpha():
        return  # a word that begins with digits, such as 4o
    read = read_digits(digits, decimal_comma=decimal_comma)
    if read is None and unit.kind is QuantityKind.PLAIN:
        return  # a version, such as 1.2.3
    ranges = tuple(_widen(text, start, read).scale(factor) for factor in unit.factors) if read else ()
    yield Quantity(
        start=_with_sign(text, start),
        end=max(end, unit.end),
        ranges=ranges,
        kind=unit.kind,
        sign=_read_sign(text, start),
        per=unit.per,
    )


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


def _widen(text: str, start: int, read: Range) -> Range:
    """Return the range of a number that the text calls rounded: about $1,200, over 30%."""
    before = to_lower(text[max(0, start - _BEFORE) : start])
    value = (read.low + read.high) / 2
    if not value:
        return read
    place = Decimal(1).scaleb(int(value.normalize().as_tuple().exponent))  # of the last digit that is not 0
    if _ABOUT.search(before):
        return Range(min(read.low, value - place / 2), max(read.high, value + place / 2))
    if _OVER.search(before):
        return Range(read.low, max(read.high, value + place))
    if _UNDER.search(before):
        return Range(min(read.low, value - place), read.high)
    return read
