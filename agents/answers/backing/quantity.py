"""A quantity in a text: its kind, the range that its digits stand for, and how digits are read; whether it is the sum,
the difference, the ratio or the change in per cent of two figures."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import combinations

NUMBER = re.compile(
    r"\d{1,3}(?:[ \u00a0'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*(?:[eE][+-]?\d{1,3}(?![\w.]))?|[.,]\d+"
)
"""A number without its sign and unit. A blank between groups of three digits may also be one between two numbers."""

MAX_DIGITS = 30
HALF = Decimal("0.5")
_SLACK = Decimal("1e-12")
_SPACES = re.compile("[ \u00a0'\u2019]")

MAX_OPERANDS = 24
_FLOAT_SLACK = 1e-9


class QuantityKind(StrEnum):
    """What a number counts or measures. PLAIN: the text says no unit, or the result has none."""

    PLAIN = "plain"
    MONEY = "money"
    OTHER_MONEY = "other money"
    SHARE = "share"
    TIME = "time"
    REQUESTS = "requests"
    TOKENS = "tokens"
    COUNT = "count"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class Range:
    """The values that a rounded number stands for, ends included, without its sign."""

    low: Decimal
    high: Decimal

    def scale(self, factor: Decimal) -> "Range":
        return Range(self.low * factor, self.high * factor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A number at `start` to before `end` of the visible text.

    `ranges` are its readings: an ambiguous one has several. Shares are fractions, times are in milliseconds. `sign` is
    -1 or 1 if the text writes one, else 0. `per`: it is followed by "per", so that it may be a ratio of two units;
    `is_rate`: directly by "per request" and the like.
    """

    start: int
    end: int
    ranges: tuple[Range, ...]
    kind: QuantityKind
    sign: int = 0
    per: bool = False
    is_rate: bool = False


def has_blank(digits: str) -> bool:
    return " " in digits or "\u00a0" in digits


def read_digits(digits: str, *, decimal_comma: bool) -> Range | None:
    """Return the values that would be rounded to these digits; None for what is no number, such as 1.2.3.

    A single separator before exactly three digits is read as the language does: 1,234 and 1.234.
    """
    number, _, exponent = _SPACES.sub("", digits).lower().partition("e")
    if len(number) > MAX_DIGITS:
        return None
    plain = _to_plain_number(number, decimal_comma=decimal_comma, has_groups=bool(_SPACES.search(digits)))
    if plain is None:
        return None
    step = Decimal(1).scaleb(-len(plain.partition(".")[2]))
    return round_range(Decimal(plain), step).scale(Decimal(1).scaleb(int(exponent or 0)))


def round_range(value: Decimal, step: Decimal) -> Range:
    """Return the values that are `value` when rounded to a multiple of `step`."""
    half = step * (HALF + _SLACK)
    return Range(value - half, value + half)


def _to_plain_number(number: str, *, decimal_comma: bool, has_groups: bool) -> str | None:
    separators = [letter for letter in number if letter in ".,"]
    if not separators:
        return number
    parts = re.split("[.,]", number)
    whole, last = "".join(parts[:-1]), parts[-1]
    if len(separators) == 1:
        can_be_group = len(last) == 3 and 1 <= len(parts[0]) <= 3 and parts[0] != "0" and not has_groups
        if can_be_group and separators[0] == ("." if decimal_comma else ","):
            return whole + last
        return f"{whole or '0'}.{last}"
    if any(len(part) != 3 for part in parts[1:-1]):
        return None
    if len(set(separators)) == 1:
        return whole + last if len(last) == 3 else None
    return f"{whole}.{last}" if len(set(separators[:-1])) == 1 and separators[-1] != separators[0] else None


@dataclass(frozen=True, slots=True)
class Operand:
    """A figure to compute with. Figures of two columns of a table are not combined; "" fits every column.

    `is_whole`: a total that the text doesn't state; only a share of it is computed, as a difference would be
    attributed to anything.
    """

    value: float
    kind: QuantityKind
    column: str = ""
    is_whole: bool = False


def can_be_derived(quantity: Quantity, operands: Sequence[Operand]) -> bool:
    """Return whether one operation on two of the first MAX_OPERANDS operands results in the quantity."""
    ranges = [(float(each.low), float(each.high)) for each in quantity.ranges]
    if not ranges:
        return False
    unique = list(dict.fromkeys(operands))[:MAX_OPERANDS]
    for first, second in combinations(unique, 2):
        for value in _combine(quantity, first, second):
            slack = _FLOAT_SLACK * max(1.0, abs(value)) if abs(value) > 1e-6 else 0.0
            if any(low - slack <= value <= high + slack for low, high in ranges):
                return True
    return False


def _combine(quantity: Quantity, first: Operand, second: Operand) -> Iterator[float]:
    a, b = abs(first.value), abs(second.value)
    if first.kind is not second.kind:
        if quantity.per:
            yield from _divide_units(quantity.kind, first, second)
        return
    if first.column and second.column and first.column != second.column:
        return
    if quantity.kind in (first.kind, QuantityKind.PLAIN) and not (first.is_whole or second.is_whole):
        if a != b:  # equal ones are rather one figure of two results than two figures
            yield a + b
        yield abs(first.value - second.value)
    is_listed = first.kind is QuantityKind.COUNT  # how many groups there are says nothing about their shares
    if quantity.kind in (QuantityKind.SHARE, QuantityKind.RATIO) and a and b and not is_listed:
        yield from (a / b, b / a)
        if quantity.kind is QuantityKind.SHARE:
            yield from (abs(a / b - 1), abs(b / a - 1))


def _divide_units(kind: QuantityKind, first: Operand, second: Operand) -> Iterator[float]:
    """Yield a ratio of two units, such as dollars per request."""
    for over, under in ((first, second), (second, first)):
        if (
            over.kind is kind
            and under.kind in (QuantityKind.REQUESTS, QuantityKind.TOKENS, QuantityKind.COUNT)
            and under.value
        ):
            yield abs(over.value / under.value)
