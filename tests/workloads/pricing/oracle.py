"""The cost of a request in plain Python from the raw data of genai-prices; no code of the product.

The rules are those of docs/figures.md, "Prices". Prices are rounded to a millionth of a dollar per million tokens."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from fractions import Fraction
from typing import Any

from genai_prices.types import ModelInfo, PriceVariant, TieredPrices

Amounts = Mapping[str, Any]
CACHES = ("cache_read_mtok", "cache_write_mtok", "cache_write_1h_mtok")
FULL_PRICE_CACHES = ("gpt-4o", "gpt-4.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleRow:
    """A row of a log: tokens in disjoint buckets and the parts of them with prices of their own."""

    at: datetime
    tier: str | None
    geography: str | None
    is_sum: bool
    fresh_input: int
    cache_read: int
    cache_write: int
    output: int
    cache_write_1h: int
    audio_input: int
    image_input: int
    audio_read: int
    audio_output: int
    image_output: int
    reasoning: int
    searches: int


def cost_of(provider: str, model: ModelInfo, row: OracleRow) -> Decimal | None:
    """Return the exact cost, None without a price."""
    if (model.price_comments or "").startswith("No longer listed"):
        return None
    amounts = _find_amounts(model, row)
    if not amounts:
        return Decimal(0)  # the list states no price: free
    if "input_mtok" not in amounts:
        return None
    per_token = _find_rates(provider, model, amounts, row)
    read, write = row.cache_read - row.audio_read, row.cache_write - row.cache_write_1h
    plain_input = row.fresh_input - row.audio_input - row.image_input
    spoken, drawn = row.audio_output, row.image_output
    thought = min(row.reasoning, row.output)
    parts = (
        (plain_input, "input"),
        (row.audio_input, "audio"),
        (row.image_input, "image"),
        (read, "read"),
        (row.audio_read, "audio_read"),
        (write, "write"),
        (row.cache_write_1h, "write_1h"),
        (row.output - spoken - drawn - thought, "output"),
        (spoken, "audio_output"),
        (drawn, "image_output"),
        (thought, "reasoning"),
    )
    tokens = sum((count * per_token[kind] for count, kind in parts), Decimal(0))
    return tokens if row.is_sum else tokens + row.searches * per_token["search"] + per_token["request"]


def _find_rates(provider: str, model: ModelInfo, amounts: Amounts, row: OracleRow) -> dict[str, Decimal]:
    size = 0 if row.is_sum else row.fresh_input + row.cache_read + row.cache_write

    def rate(*names: str) -> Decimal:
        """Of the first price that is stated, zero if none is."""
        return next((_round(_at(amounts[name], size) / 10**6) for name in names if name in amounts), Decimal(0))

    rates = {
        "input": rate("input_mtok"),
        "audio": rate("input_audio_mtok", "input_mtok"),
        "image": rate("input_image_mtok", "input_mtok"),
        "read": rate("cache_read_mtok", "input_mtok"),
        "audio_read": rate("cache_audio_read_mtok", "cache_read_mtok", "input_audio_mtok", "input_mtok"),
        "write": rate("cache_write_mtok", "input_mtok"),
        "write_1h": rate("cache_write_1h_mtok", "cache_write_mtok", "input_mtok"),
        "output": rate("output_mtok"),
        "audio_output": rate("output_audio_mtok", "output_mtok"),
        "image_output": rate("output_image_mtok", "output_mtok"),
        "reasoning": rate("output_reasoning_mtok", "output_mtok"),
    }
    if provider == "anthropic" and row.geography == "us" and re.search(r"claude-[a-z]+-(4-[6-9]|[5-9])", model.id):
        rates = {kind: _round(Fraction(usd) * 11 / 10) for kind, usd in rates.items()}
    fees = {"search": "web_searches_kcount", "request": "requests_kcount"}
    return {**rates, **{kind: _round(_at(amounts.get(name, Decimal(0)), 0) / 1000) for kind, name in fees.items()}}


def _find_amounts(model: ModelInfo, row: OracleRow) -> Amounts:
    instant = row.at.replace(tzinfo=UTC)
    usual = _standard(model, instant)
    words = {"processing": "batch"} if row.tier == "batch" else {"service_tier": row.tier, "speed": row.tier}
    variants = [v for v in model.price_variants or [] if all(words.get(key) == value for key, value in v.when.items())]
    if row.tier is None or not variants:
        return usual
    running = [variant for variant in variants if _start(variant) <= instant]
    special = _first_of_each(running)
    if not running:
        beginning = min(map(_start, variants))
        special = _first_of_each(variant for variant in variants if _start(variant) == beginning)
        then = _standard(model, beginning)
        special = {
            name: _times(price, usual[name], then[name]) if name in usual and name in then else price
            for name, price in special.items()
        }
    keeps = row.tier == "batch" and (model.id in FULL_PRICE_CACHES or model.id.startswith("gemini-2.5-"))
    if "input_mtok" in special and not keeps:
        known = {name: usual[name] for name in CACHES if name in usual}
        caches = {name: _times(price, special["input_mtok"], usual["input_mtok"]) for name, price in known.items()}
        special = {**caches, **special}
    return {**usual, **special}


def _standard(model: ModelInfo, instant: datetime) -> Amounts:
    prices = model.prices
    if not isinstance(prices, list):
        return _list_stated(prices)
    running = [each for each in prices if _holds(each.constraint, instant)]
    return _list_stated((running or prices[:1])[-1].prices)


def _holds(constraint: Any, instant: datetime) -> bool:
    if constraint is None:
        return True
    if hasattr(constraint, "start_date"):
        return bool(instant.date() >= constraint.start_date)
    day = datetime(2000, 1, 2, tzinfo=UTC)
    start, end = (
        datetime.combine(day.date(), edge, edge.tzinfo or UTC).astimezone(UTC).timetz()
        for edge in (constraint.start_time, constraint.end_time)
    )
    clock = instant.timetz()
    return clock >= start or clock < end if end < start else start <= clock < end


def _start(variant: PriceVariant) -> datetime:
    day = getattr(variant.constraint, "start_date", None)
    return datetime.min.replace(tzinfo=UTC) if day is None else datetime.combine(day, time(), UTC)


def _first_of_each(variants: Iterable[PriceVariant]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variant in variants:
        found = {**_list_stated(variant.prices), **found}
    return found


def _list_stated(prices: Any) -> dict[str, Any]:
    return {name: price for name, price in vars(prices).items() if price is not None}


def _at(price: Any, size: int) -> Fraction:
    if isinstance(price, TieredPrices):
        return Fraction(next((tier.price for tier in reversed(price.tiers) if size > tier.start), price.base))
    return Fraction(price)


def _times(price: Any, by: Any, over: Any) -> Any:
    """The price times by/over for each size of a prompt at which one of them changes, if they change at the same."""
    steps = {tuple(tier.start for tier in each.tiers) for each in (price, by, over) if isinstance(each, TieredPrices)}
    if len(steps) > 1:
        return price
    sizes = [0, *(start + 1 for start in next(iter(steps), ()))]
    values = [
        Fraction(_at(price, size)) * _at(by, size) / _at(over, size) if _at(over, size) else _at(price, size)
        for size in sizes
    ]
    return values[0] if len(values) == 1 else _Steps(dict(zip(sizes, values, strict=True)))


class _Steps(TieredPrices):
    """Prices that were multiplied, by the smallest prompt that has them."""

    def __init__(self, values: dict[int, Fraction]) -> None:
        self.base = values[0]  # type: ignore[assignment]
        self.tiers = [_Tier(size - 1, price) for size, price in values.items() if size]  # type: ignore[misc]


@dataclass
class _Tier:
    start: int
    price: Fraction


def _round(price: Fraction) -> Decimal:
    """To twelve places, a half to the even digit: as Python rounds a Fraction."""
    return Decimal(round(price * 10**12)).scaleb(-12)
