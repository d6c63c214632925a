"""Numbers as a text writes them: what each can be read as, and the unit beside it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


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
