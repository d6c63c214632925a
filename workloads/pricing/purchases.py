"""What was bought apart from the model, such as a batch, and the price list's prices for it."""

import re
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from genai_prices.types import ModelInfo, ModelPrice, PriceVariant, TieredPrices


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """What was bought apart from the model: the service tier, None for the standard one, and where inference ran."""

    tier: str | None = None
    geography: str | None = None

    @property
    def context(self) -> Mapping[str, str]:
        """Return what the price list's variants are keyed by."""
        if self.tier == "batch":
            return {"processing": "batch"}
        return {"service_tier": self.tier, "speed": self.tier} if self.tier else {}


STANDARD = Purchase()

_FULL_CACHE_PRICE = re.compile(r"gpt-4o|gpt-4\.1|gemini-2\.5-.{1,80}")
"""Models whose cached input costs the same in a batch, from the providers' documentation; the list leaves it out."""


def has_batch_price(model: ModelInfo) -> bool:
    """Whether the price list has prices for batches of this model."""
    return any(variant.when.get("processing") == "batch" for variant in model.price_variants or ())


def get_prices(model: ModelInfo, instant: datetime, purchase: Purchase) -> ModelPrice:
    """Return the prices at that time. A variant counts from its start; before it, its first prices stand for it."""
    prices = copy(model.get_prices(instant))
    variants = [variant for variant in model.price_variants or () if _is_bought(variant, purchase)]
    active = [v for v in variants if v.constraint is None or v.constraint.active(instant)] or variants
    changed: dict[str, Decimal | TieredPrices] = {}
    for variant in active:  # the first one counts
        for key, price in vars(variant.prices).items():
            if price is not None:
                changed.setdefault(key, price)
    if not (purchase.tier == "batch" and _FULL_CACHE_PRICE.fullmatch(model.id)):
        changed = {**_scale_cache_prices(prices, changed), **changed}
    vars(prices).update(changed)
    return prices


def _scale_cache_prices(prices: ModelPrice, changed: Mapping[str, Decimal | TieredPrices]) -> dict[str, Decimal]:
    """Return cache prices that a variant does not state: a discount on the input holds for cached input as well."""
    standard, special = prices.input_mtok, changed.get("input_mtok")
    if not (isinstance(standard, Decimal) and isinstance(special, Decimal) and standard):
        return {}
    names = ("cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
    known = {name: getattr(prices, name) for name in names}
    return {name: price * special / standard for name, price in known.items() if isinstance(price, Decimal)}


def _is_bought(variant: PriceVariant, purchase: Purchase) -> bool:
    return all(purchase.context.get(key) == value for key, value in variant.when.items())
