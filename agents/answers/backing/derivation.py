"""Whether a number is the sum, the difference, the ratio or the change in per cent of two figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from agents.answers.backing.quantity import Quantity, QuantityKind

MAX_OPERANDS = 24
_SLACK = 1e-9


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
            slack = _SLACK * max(1.0, abs(value)) if abs(value) > 1e-6 else 0.0
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
    if quantity.kind in (QuantityKind.SHARE, QuantityKind.RATIO) and a and b:
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
