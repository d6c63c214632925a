from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Warning:
    """Four fifths of a budget are spent. US dollars; `spent` is None for a budget that several users share: what the
    others spend is not this user's to know."""

    budget_id: int
    budget: str
    spent: Decimal | None
    limit: Decimal
