"""Prices that are a multiple of what they are: "if claude had cost half", "at twice the price", in any language."""

from decimal import Decimal
from types import MappingProxyType

from agents.language.scan import Scan

HALF = Decimal("0.5")
MULTIPLES = MappingProxyType({"halve": HALF, "50": HALF, "double": Decimal(2), "triple": Decimal(3)})


def find_price_multiple(scan: Scan) -> Decimal | None:
    """Return the multiple that stands beside a word for cost or price, or is said of prices at all; None without."""
    named = [span for span in scan.spans if span.concept.name in MULTIPLES]
    costs = [*scan.iter_spans("measures", "spend"), *scan.iter_spans("operators", "price")]
    for multiple in named:
        is_beside = any(
            _are_beside(scan, cost.end, multiple.start) or _are_beside(scan, multiple.end, cost.start) for cost in costs
        )
        if is_beside or (scan.has("price") and MULTIPLES[multiple.concept.name] != HALF):
            return MULTIPLES[multiple.concept.name]
    return None


def _are_beside(scan: Scan, end: int, start: int) -> bool:
    """Whether only small words stand between; "what would it cost if half ..." supposes something else."""
    return end <= start and scan.are_small(end, start) and scan.tokens[end].text not in ("if", "wenn", "si")
