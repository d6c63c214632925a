"""Savings of the levers about sizes in plain Python: nothing of the product is used, and the prices are written out."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

D = Decimal
Row = Mapping[str, Any]
Prices = tuple[Decimal, Decimal, Decimal, Decimal]  # fresh, read, write, output; USD per million


def _usd(*prices: str) -> Prices:
    fresh, read, write, output = (D(price) / 1_000_000 for price in prices)
    return fresh, read, write, output


STANDARD: Mapping[str, tuple[tuple[int, Prices], ...]] = MappingProxyType(
    {
        "gpt-4o": ((0, _usd("2.5", "1.25", "2.5", "10")),),
        "gpt-5.4": ((0, _usd("2.5", "0.25", "2.5", "15")), (272_001, _usd("5", "0.5", "5", "22.5"))),
        "claude-sonnet-4-5": ((0, _usd("3", "0.3", "3.75", "15")), (200_001, _usd("6", "0.6", "7.5", "22.5"))),
    }
)
"""Prices from a prompt length on."""

SMALLER: Mapping[str, tuple[Prices, int]] = MappingProxyType(
    {
        "gpt-4o": (_usd("0.15", "0.075", "0.15", "0.6"), 0),
        "gpt-5.4": (_usd("0.75", "0.075", "0.75", "4.5"), 0),
        "claude-sonnet-4-5": (_usd("1", "0.1", "1.25", "5"), 4096),
    }
)
"""The smaller model's prices, and the prefix from which it caches if that is more than the larger one's."""


def find_prices(model: str, size: int) -> Prices:
    return [prices for start, prices in STANDARD[model] if size >= start][-1]


def measure_input(row: Row) -> int:
    size: int = row["fresh_input"] + row["cache_read"] + row["cache_write"]
    return size


def price_row(row: Row, prices: Prices) -> Decimal:
    fresh, read, write, output = prices
    parts = (row["fresh_input"] * fresh, row["cache_read"] * read, row["cache_write"] * write, row["output"] * output)
    return sum(parts, D(0))


def price_now(row: Row) -> Decimal:
    return price_row(row, find_prices(row["model"], measure_input(row)))


def is_simple(row: Row) -> bool:
    small = measure_input(row) <= 2000 and row["output"] <= 300
    return small and row["reasoning"] == 0 and not row["has_tools"]


def save_right_size(rows: Sequence[Row]) -> Decimal:
    by_feature: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        if row["ok"] is not False:
            by_feature[row["feature"]].append(row)
    simple_features = {
        feature for feature, members in by_feature.items() if 100 * sum(map(is_simple, members)) >= 95 * len(members)
    }
    saved: dict[Any, Decimal] = defaultdict(Decimal)
    for row in rows:
        if row["ok"] is False or not is_simple(row) or row["feature"] not in simple_features:
            continue
        prices, minimum = SMALLER[row["model"]]
        if row["cache_read"] + row["cache_write"] < minimum:
            prices = (prices[0], prices[0], prices[0], prices[3])
        saved[row["model"], row["feature"]] += price_now(row) - price_row(row, prices)
    return sum((amount for amount in saved.values() if amount > 0), D(0))


def cut_input(row: Row, keep: int) -> dict[str, Any]:
    above = max(0, measure_input(row) - keep)
    read = min(above, row["cache_read"])
    fresh = min(above - read, row["fresh_input"])
    return {**row, "cache_read": row["cache_read"] - read, "fresh_input": row["fresh_input"] - fresh}


def save_tier_cliff(rows: Sequence[Row]) -> Decimal:
    saved = D(0)
    for row in rows:
        start = max(start for start, _ in STANDARD[row["model"]])
        if row["ok"] is False or start == 0 or measure_input(row) < start:
            continue
        if measure_input(row) > (start - 1) * D("1.1"):
            continue
        cut = cut_input(row, start - 1)
        if measure_input(cut) == start - 1:
            saved += max(D(0), price_now(row) - price_now(cut))
    return saved


def find_targets(rows: Sequence[Row], tokens: Any) -> dict[Any, int]:
    lengths: dict[Any, list[int]] = defaultdict(list)
    for row in rows:
        if row["ok"] is not False:
            lengths[row["feature"]].append(tokens(row))
    return {
        feature: 3 * sorted(values)[(len(values) - 1) // 2] for feature, values in lengths.items() if len(values) >= 20
    }


def save_output_length(rows: Sequence[Row]) -> Decimal:
    targets = find_targets(rows, lambda row: row["output"])
    saved = D(0)
    for row in rows:
        if row["ok"] is not False and row["feature"] in targets:
            above = max(0, row["output"] - targets[row["feature"]])
            saved += above * find_prices(row["model"], measure_input(row))[3]
    return saved


def save_context_length(rows: Sequence[Row]) -> Decimal:
    targets = find_targets(rows, measure_input)
    saved = D(0)
    for row in rows:
        if row["ok"] is not False and row["feature"] in targets:
            saved += max(D(0), price_now(row) - price_now(cut_input(row, targets[row["feature"]])))
    return saved


ORACLES = MappingProxyType(
    {
        "right_size": save_right_size,
        "tier_cliff": save_tier_cliff,
        "output_length": save_output_length,
        "context_length": save_context_length,
    }
)


WAITING: Mapping[str, tuple[str, str | None, Prices, Prices]] = MappingProxyType(
    {
        "flex": ("gpt-5", None, _usd("1.25", "0.125", "1.25", "10"), _usd("0.625", "0.0625", "0.625", "5")),
        "priority": ("gpt-5", "priority", _usd("2.5", "0.25", "2.5", "20"), _usd("1.25", "0.125", "1.25", "10")),
        "off_peak": (
            "deepseek-v4-flash",
            None,
            _usd("0.3", "0.006", "0.3", "1.2"),  # from 01:00 to 04:00 and from 06:00 to 10:00 UTC
            _usd("0.14", "0.0028", "0.14", "0.28"),
        ),
    }
)
"""For each lever: a model, the tier that it is bought at, and its prices now and then."""


def save_waiting(lever: str, rows: Sequence[Row], confirmed: str) -> Decimal:
    """What a lever saves on the requests of one feature that may wait."""
    model, tier, now, then = WAITING[lever]
    return sum(
        (
            price_row(row, now) - price_row(row, then)
            for row in rows
            if (row["model"], row["service_tier"], row["feature"]) == (model, tier, confirmed)
        ),
        D(0),
    )
