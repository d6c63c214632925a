"""How large a rate could still be, given what was seen."""

import math

CONFIDENCE = 0.95


def upper_bound(found: int, seen: int) -> float:
    """The one-sided 95 % Clopper-Pearson bound of a rate of which `found` were seen in `seen` trials.

    With none found it is 1 - 0.05^(1/n), which is about 3/n. 1.0 where nothing was seen.
    """
    if seen <= 0 or found >= seen:
        return 1.0
    if not found:
        return -math.expm1(math.log(1 - CONFIDENCE) / seen)
    low, high = found / seen, 1.0
    for _ in range(60):  # to the last digit
        rate = (low + high) / 2
        low, high = (rate, high) if _at_most(found, seen, rate) > 1 - CONFIDENCE else (low, rate)
    return high


def _at_most(found: int, seen: int, rate: float) -> float:
    """The probability of at most `found` in `seen` trials."""
    if rate >= 1:
        return 0.0
    ways = math.lgamma(seen + 1)
    terms = (
        math.exp(
            ways
            - math.lgamma(each + 1)
            - math.lgamma(seen - each + 1)
            + each * math.log(rate)
            + (seen - each) * math.log1p(-rate)
        )
        for each in range(found + 1)
    )
    return math.fsum(terms)
