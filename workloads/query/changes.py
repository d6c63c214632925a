"""Explain the difference in spend between two sets of requests, such as two weeks. The effects add up exactly.

With N requests and c USD per request before (0) and after (1), and groups g of requests (by model, feature and outcome):

- volume: (N1 - N0) × c0
- mix: N1 × Σ (s1 - s0) × c0 of each model and feature, where s is its share of requests
- errors: the same within a model and feature, between failed and other requests
- price: the tokens after, at the difference of the prices of each kind of token
- caching: the input after, at the difference of the shares of fresh, cached and cache-write tokens, at old prices
- length: the difference of input and output tokens per request, at old prices and shares

A group that is new has no price before; its own prices after are taken, so that its whole cost counts as mix."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from core.i18n.text import Text, text
from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import DIMENSIONS, has_dimension
from workloads.query.measures import REQUESTS_SQL
from workloads.query.measuring import measure
from workloads.query.query import Query, check_query
from workloads.query.result import to_decimal
from workloads.query.sql import Statement, build_source

MAX_GROUPS = 2000
PRECISION = Decimal("1e-12")
KINDS = ("fresh", "read", "write", "output")
INPUT_KINDS = ("fresh", "read", "write")

DRIVER_DIMENSIONS = ("feature", "model", "user", "team", "customer", "api_key", "environment", "provider")
"""The dimensions whose values may be what changed, those that people look at first at the beginning."""

EFFECT_TITLES: Mapping[str, Text] = {
    "volume": text("Volume (number of requests)"),
    "mix": text("Mix of models and features"),
    "errors": text("Errors"),
    "price": text("Prices"),
    "caching": text("Cached share of the input"),
    "length": text("Tokens per request"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One cause of a difference, in USD. The effects of a change add up to it."""

    name: str
    title: Text
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """A value of a dimension and its spend before and after, in USD. None: requests without a value."""

    dimension: str
    value: str | None
    before: Decimal
    after: Decimal

    @property
    def change(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Spend and requests before and after, the effects, and for each dimension the values that changed most.

    `effects` is empty if the number of requests is unknown or there were none before.
    """

    before: Decimal
    after: Decimal
    requests_before: int | None
    requests_after: int | None
    effects: tuple[Effect, ...]
    drivers: tuple[tuple[Driver, ...], ...]

    @property
    def amount(self) -> Decimal:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class _Group:
    """Requests, spend and, for each kind of token, tokens and spend; `other` is spend that belongs to no kind."""

    requests: int
    spend: Fraction
    tokens: Mapping[str, int]
    costs: Mapping[str, Fraction]

    @property
    def other(self) -> Fraction:
        return self.spend - sum(self.costs.values(), Fraction(0))

    @property
    def input(self) -> int:
        return sum(self.tokens[kind] for kind in INPUT_KINDS)


Key = tuple[str | None, str | None, bool]


def explain_change(log: PricedLog, before: Query, after: Query, *, drivers: int = 5) -> Change:
    """Return why the spend of `after` differs from that of `before`; their measures and dimensions are ignored."""
    first, second = (
        replace(query, measures=("spend",), by=(), order=None, limit=None, shares=False) for query in (before, after)
    )
    check_query(first)
    check_query(second)
    old, new = _measure_groups(log, first), _measure_groups(log, second)
    spend = tuple(to_decimal(measure(log, query).total[0]) for query in (first, second))
    counts = [None if groups is None else sum(group.requests for group in groups.values()) for groups in (old, new)]
    effects = () if old is None or new is None or not counts[0] else _split(old, new, spend[1] - spend[0])
    return Change(
        before=spend[0],
        after=spend[1],
        requests_before=counts[0],
        requests_after=counts[1],
        effects=effects,
        drivers=tuple(_list_drivers(log, first, second, drivers)),
    )


def _measure_groups(log: PricedLog, query: Query) -> Mapping[Key, _Group] | None:
    """Return the groups by model, feature and outcome; None if rows sum up an unknown number of requests."""
    statement = Statement()
    sql = f"""SELECT model, feature, ok IS false, {REQUESTS_SQL}, coalesce(sum(cost), 0), sum(fresh_input)::BIGINT,
            sum(cache_read)::BIGINT, sum(cache_write)::BIGINT, sum(output)::BIGINT,
            coalesce(sum(fresh_input * p_fresh), 0), coalesce(sum(cache_read * p_read), 0),
            coalesce(sum(cache_write * p_write), 0), coalesce(sum(output * p_output), 0)
        FROM (SELECT * REPLACE (
            CASE WHEN rank <= {MAX_GROUPS} THEN model END AS model, CASE WHEN rank <= {MAX_GROUPS} THEN feature END AS feature)
            FROM (SELECT *, dense_rank() OVER (ORDER BY model, feature) AS rank FROM ({build_source(query, statement)})))
        WHERE cost IS NOT NULL GROUP BY ALL"""
    groups: dict[Key, _Group] = {}
    for model, feature, failed, requests, spend, *figures in log.fetch_all(sql, statement.values):
        if requests is None:
            return None
        groups[model, feature, failed] = _Group(
            requests=requests,
            spend=Fraction(spend),
            tokens=dict(zip(KINDS, figures[:4], strict=True)),
            costs={kind: Fraction(cost) for kind, cost in zip(KINDS, figures[4:], strict=True)},
        )
    return groups


def _split(old: Mapping[Key, _Group], new: Mapping[Key, _Group], change: Decimal) -> tuple[Effect, ...]:
    n0, n1 = (sum(group.requests for group in groups.values()) for groups in (old, new))
    spend0 = sum((group.spend for group in old.values()), Fraction(0))
    parts = dict.fromkeys(EFFECT_TITLES, Fraction(0))
    parts["volume"] = (n1 - n0) * spend0 / n0
    pairs0, pairs1 = _merge_outcomes(old), _merge_outcomes(new)
    for pair in pairs0.keys() | pairs1.keys():
        before, after = pairs0.get(pair), pairs1.get(pair)
        share0 = Fraction(before.requests, n0) if before else Fraction(0)
        share1 = Fraction(after.requests, n1) if after and n1 else Fraction(0)
        base = _cost_per_request(before) if before and before.requests else _cost_per_request(after)
        parts["mix"] += n1 * (share1 - share0) * base
        if before and before.requests and after and after.requests:
            _add_within(parts, pair, (old, new), (before, after))
    return _round(parts, change)


def _add_within(
    parts: dict[str, Fraction],
    pair: tuple[str | None, str | None],
    periods: tuple[Mapping[Key, _Group], Mapping[Key, _Group]],
    totals: tuple[_Group, _Group],
) -> None:
    """Add the effects within one model and feature: errors, then price, caching and length of each outcome."""
    for failed in (False, True):
        before, after = (groups.get((*pair, failed)) for groups in periods)
        share0 = Fraction(before.requests if before else 0, totals[0].requests)
        share1 = Fraction(after.requests if after else 0, totals[1].requests)
        base = _cost_per_request(before) if before and before.requests else _cost_per_request(after)
        parts["errors"] += totals[1].requests * (share1 - share0) * base
        if before and before.requests and after and after.requests:
            _add_per_request(parts, before, after)


def _add_per_request(parts: dict[str, Fraction], before: _Group, after: _Group) -> None:
    price0, price1 = _get_prices(before, after), _get_prices(after, before)
    parts["price"] += sum((after.tokens[kind] * (price1[kind] - price0[kind]) for kind in KINDS), Fraction(0))
    input0, input1 = Fraction(before.input, before.requests), Fraction(after.input, after.requests)
    shares0, shares1 = _get_input_shares(before, after), _get_input_shares(after, before)
    parts["caching"] += after.input * sum(((shares1[k] - shares0[k]) * price0[k] for k in INPUT_KINDS), Fraction(0))
    parts["length"] += after.requests * (
        (input1 - input0) * sum((shares0[kind] * price0[kind] for kind in INPUT_KINDS), Fraction(0))
        + (Fraction(after.tokens["output"], after.requests) - Fraction(before.tokens["output"], before.requests))
        * price0["output"]
        + after.other / after.requests
        - before.other / before.requests
    )


def _get_prices(group: _Group, other: _Group) -> dict[str, Fraction]:
    """Return the mean price of each kind of token; where the group has none of a kind, the other group's."""
    return {
        kind: next((each.costs[kind] / each.tokens[kind] for each in (group, other) if each.tokens[kind]), Fraction(0))
        for kind in KINDS
    }


def _get_input_shares(group: _Group, other: _Group) -> dict[str, Fraction]:
    counted = group if group.input else other
    return {
        kind: Fraction(counted.tokens[kind], counted.input) if counted.input else Fraction(0) for kind in INPUT_KINDS
    }


def _merge_outcomes(groups: Mapping[Key, _Group]) -> dict[tuple[str | None, str | None], _Group]:
    merged: dict[tuple[str | None, str | None], _Group] = {}
    for (model, feature, _), group in groups.items():
        known = merged.get((model, feature))
        merged[model, feature] = group if known is None else _add(known, group)
    return merged


def _add(one: _Group, other: _Group) -> _Group:
    return _Group(
        requests=one.requests + other.requests,
        spend=one.spend + other.spend,
        tokens={kind: one.tokens[kind] + other.tokens[kind] for kind in KINDS},
        costs={kind: one.costs[kind] + other.costs[kind] for kind in KINDS},
    )


def _cost_per_request(group: _Group | None) -> Fraction:
    return group.spend / group.requests if group and group.requests else Fraction(0)


def _round(parts: Mapping[str, Fraction], change: Decimal) -> tuple[Effect, ...]:
    """Return the effects to 12 decimal places; the largest takes what rounding leaves."""
    amounts = {
        name: (Decimal(part.numerator) / Decimal(part.denominator)).quantize(PRECISION) for name, part in parts.items()
    }
    largest = max(amounts, key=lambda name: abs(amounts[name]))
    amounts[largest] += change - sum(amounts.values())
    return tuple(Effect(name=name, title=EFFECT_TITLES[name], amount=amount) for name, amount in amounts.items())


def _list_drivers(log: PricedLog, before: Query, after: Query, most: int) -> Iterable[tuple[Driver, ...]]:
    for name in DRIVER_DIMENSIONS:
        if has_dimension(log, DIMENSIONS[name]):
            old, new = (_measure_spend_by(log, query, name) for query in (before, after))
            found = [
                Driver(dimension=name, value=value, before=old.get(value, Decimal(0)), after=new.get(value, Decimal(0)))
                for value in old.keys() | new.keys()
            ]
            found.sort(key=lambda driver: (-abs(driver.change), driver.value or ""))
            if len(found) > 1:
                yield tuple(found[:most])


def _measure_spend_by(log: PricedLog, query: Query, dimension: str) -> dict[str | None, Decimal]:
    result = measure(log, replace(query, by=(dimension,)))
    return {None if value is None else str(value): to_decimal(spend) for value, spend, *_ in result.rows}
