"""A quantity in a text: its kind, the range that its digits stand for, and how digits are read."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

NUMBER = re.compile(
    r"\d{1,3}(?:[ \u00a0'\u2019]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*(?:[eE][+-]?\d{1,3}(?![\w.]))?|[.,]\d+"
)
"""A number without its sign and unit. A blank between groups of three digits may also be one between two numbers."""

MAX_DIGITS = 30
HALF = Decimal("0.5")
_SLACK = Decimal("1e-12")
_SPACES = re.compile("[ \u00a0'\u2019]")


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
    -1 or 1 if the text writes one, else 0. `per`: it is followed by "per", so that it may be a ratio of two units.
    """

    start: int
    end: int
    ranges: tuple[Range, ...]
    kind: QuantityKind
    sign: int = 0
    per: bool = False


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
