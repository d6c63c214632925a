"""Rates from the user's own prices: in place of the list's, or where the list has none."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import FEES, OwnPrice
from workloads.pricing.prices import MILLION
from workloads.pricing.rates import FREE, Rate, round_rate


def build_given_rate(assumptions: Assumptions, known: Rate | None) -> Rate:
    """Return the user's prices as a rate. Cached tokens are priced in the same ratio as in the known rate, or else like
    fresh ones."""
    fresh = (assumptions.price_in or Decimal(0)) / MILLION
    output = (assumptions.price_out or Decimal(0)) / MILLION
    plain = Rate(
        fresh=fresh,
        cache_read=fresh,
        cache_write=fresh,
        cache_write_1h=fresh,
        output=output,
        audio_input=fresh,
        audio_read=fresh,
        audio_output=output,
        image_input=fresh,
        image_output=output,
        reasoning=output,
    )
    if known is None or not known.fresh:
        return plain.scale(fresh=Decimal(1), output=Decimal(1))
    return replace(
        plain.scale(fresh=Decimal(1), output=Decimal(1)),
        cache_read=round_rate(fresh * known.cache_read / known.fresh),
        cache_write=round_rate(fresh * known.cache_write / known.fresh),
        cache_write_1h=round_rate(fresh * known.cache_write_1h / known.fresh),
    )


BUCKETS = ("fresh", "cache_read", "cache_write", "output")

KIND_PARENTS: Mapping[str, str | None] = MappingProxyType(
    {
        "fresh": None,
        "output": None,
        "cache_read": "fresh",
        "cache_write": "fresh",
        "cache_write_1h": "cache_write",
        "audio_input": "fresh",
        "audio_read": "cache_read",
        "audio_output": "output",
        "image_input": "fresh",
        "image_output": "output",
        "reasoning": "output",
        "search": None,
        "request": None,
    }
)
"""The price that each price of a Rate equals where the list does not state it, parents first."""


def list_more_prices(rate: Rate) -> dict[str, Decimal]:
    """Return the prices of the kinds beyond the four buckets that differ from their parents', in USD per million; fees
    in USD per thousand."""
    found: dict[str, Decimal] = {}
    for kind, parent in KIND_PARENTS.items():
        price = getattr(rate, kind)
        if kind in BUCKETS or price == (getattr(rate, parent) if parent else FREE):
            continue
        found[kind] = price * (1_000 if kind in FEES else MILLION)
    return found


def apply_own_price(rate: Rate, usual: Rate, own: OwnPrice) -> Rate:
    """Return `rate` with the user's prices in place of the list's.

    They are the prices of standard requests with short prompts: `usual` is the list's rate for those. Where the list
    charges more or less, for a long prompt or a batch, they change in the same ratio. A price that they lack stays the
    list's, unless it equals its parent's in the list; then it follows that.
    """
    given: dict[str, Decimal | None] = {}
    changes: dict[str, Any] = {}
    for kind, parent in KIND_PARENTS.items():
        given[kind] = own.fresh_input if kind == "fresh" else getattr(own, kind)
        listed, base = getattr(rate, kind), getattr(usual, kind)
        if given[kind] is None and parent is not None and base == getattr(usual, parent):
            given[kind] = given[parent]
        if (price := given[kind]) is not None:
            per_token = price / (1_000 if kind in FEES else MILLION)
            changes[kind] = round_rate(per_token * listed / base if base else per_token)
    return replace(rate, **changes)


def build_own_rate(own: OwnPrice) -> Rate | None:
    """Return the user's prices for a model that the list does not price; None without both input and output prices.

    A kind without a price costs what its parent costs, a search nothing.
    """
    if own.fresh_input is None or own.output is None:
        return None
    unknown = Rate()
    return apply_own_price(unknown, unknown, own)
