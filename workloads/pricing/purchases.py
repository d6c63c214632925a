"""Purchases apart from the model, such as a batch, and the price list's prices for it."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

from genai_prices.types import ModelInfo, ModelPrice, PriceVariant, StartDateConstraint, Tier, TieredPrices


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


Price = Decimal | TieredPrices


def get_prices(model: ModelInfo, instant: datetime, purchase: Purchase) -> ModelPrice:
    """Return the prices at that time.

    A variant counts from its start. Before the first one starts, its prices hold in their ratio to the standard prices
    of its first day: the list knows the tier only since then, but it was sold before.
    """
    standard = copy(model.get_prices(instant))
    variants = _list_bought(model, purchase)
    active = [v for v in variants if v.constraint is None or v.constraint.active(instant)]
    changed = _merge_prices(active)
    if variants and not active:
        first = min(_get_start(variant) for variant in variants)
        changed = _merge_prices([variant for variant in variants if _get_start(variant) == first])
        then = model.get_prices(first)
        changed = {name: _scale(price, getattr(standard, name), getattr(then, name)) for name, price in changed.items()}
    if not (purchase.tier == "batch" and _FULL_CACHE_PRICE.fullmatch(model.id)):
        changed = {**_scale_cache_prices(standard, changed), **changed}
    vars(standard).update(changed)
    return standard


def has_price(model: ModelInfo, purchase: Purchase) -> bool:
    """Whether the list has prices of its own for what was bought, as it has for the standard tier."""
    return purchase.tier is None or bool(_list_bought(model, purchase))


def _list_bought(model: ModelInfo, purchase: Purchase) -> list[PriceVariant]:
    return [
        variant
        for variant in model.price_variants or ()
        if all(purchase.context.get(key) == value for key, value in variant.when.items())
    ]


def _merge_prices(variants: Iterable[PriceVariant]) -> dict[str, Price]:
    """Return the prices that variants state. The first one that states a price counts, as in the list."""
    merged: dict[str, Price] = {}
    for variant in variants:
        for name, price in vars(variant.prices).items():
            if price is not None:
                merged.setdefault(name, price)
    return merged


def _get_start(variant: PriceVariant) -> datetime:
    constraint = variant.constraint
    start = constraint.start_date if isinstance(constraint, StartDateConstraint) else date.min
    return datetime.combine(start, time(), UTC)


def _scale_cache_prices(standard: ModelPrice, changed: Mapping[str, Price]) -> dict[str, Price]:
    """Return cache prices that a variant does not state: a discount on the input holds for cached input as well."""
    special = changed.get("input_mtok")
    if special is None:
        return {}
    names = ("cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
    known = {name: price for name in names if (price := getattr(standard, name)) is not None}
    return {name: _scale(price, special, standard.input_mtok) for name, price in known.items()}


def _scale(price: Price, by: Price | None, over: Price | None) -> Price:
    """Return the price times `by` / `over`, tier by tier; the price itself where they are unknown, 0 or differ in their
    tiers."""
    if by is None or over is None:
        return price
    starts = {tuple(tier.start for tier in one.tiers) for one in (price, by, over) if isinstance(one, TieredPrices)}
    if len(starts) > 1:
        return price
    if not starts:
        return _scale_one(_base(price), _base(by), _base(over))
    (places,) = starts
    return TieredPrices(
        base=_scale_one(_base(price), _base(by), _base(over)),
        tiers=[
            Tier(start=start, price=_scale_one(*(_get_tier_price(one, n) for one in (price, by, over))))
            for n, start in enumerate(places)
        ],
    )


def _scale_one(price: Decimal, by: Decimal, over: Decimal) -> Decimal:
    return price * by / over if over else price


def _base(price: Price) -> Decimal:
    return price.base if isinstance(price, TieredPrices) else price


def _get_tier_price(price: Price, number: int) -> Decimal:
    return price.tiers[number].price if isinstance(price, TieredPrices) else price
