"""The effects of a difference in spend, which add up to it exactly.

With N requests and c USD per request before (0) and after (1), and groups of requests by model, feature and outcome:

- volume: (N1 - N0) × c0
- mix: N1 × Σ (s1 - s0) × c0 of each model and feature, where s is its share of requests
- errors: the same within a model and feature, between failed and other requests
- price: the tokens after, at the difference of the prices of each kind of token
- caching: the input after, at the difference of the shares of fresh, cached and cache-write tokens, at old prices
- length: the difference of input and output tokens per request, at old prices and shares
- other: the difference per request of what has no price by these kinds of token: fees, audio and images, 1-hour writes,
  and the cost of models that only the log states, whose prices and lengths can't be told apart; absent if there is none

A group that is new has no price before; its own prices after are taken, so that its whole cost counts as mix."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from core.i18n.text import Text, text

PRECISION = Decimal("1e-12")
NOTICEABLE = Decimal("1e-6")
"""Of the effect `other`, in USD: less is what rounding leaves of each request's cost."""

SCALE = 10**40
"""Terms are rounded to this part of a dollar before they are added: an exact sum of fractions with thousands of
denominators would have a hundred thousand digits."""
KINDS = ("fresh", "read", "write", "output")
INPUT_KINDS = ("fresh", "read", "write")

EFFECT_TITLES: Mapping[str, Text] = MappingProxyType(
    {
        "volume": text("Volume (number of requests)"),
        "mix": text("Mix of models and features"),
        "errors": text("Errors"),
        "price": text("Prices"),
        "caching": text("Cached share of the input"),
        "length": text("Tokens per request"),
        "other": text("Fees, other kinds of tokens, and costs that only the log states"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One cause of a difference, in USD. The effects of a change add up to it."""

    name: str
    title: Text
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Group:
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


def split_change(old: Mapping[Key, Group], new: Mapping[Key, Group], change: Decimal) -> tuple[Effect, ...]:
    """Return the effects that make up `change`, in USD. There have to be requests before."""
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
        parts["mix"] += _round_term(n1 * (share1 - share0) * base)
        if before and before.requests and after and after.requests:
            _add_within(parts, pair, (old, new), (before, after))
    return _round(parts, change)


def _add_within(
    parts: dict[str, Fraction],
    pair: tuple[str | None, str | None],
    periods: tuple[Mapping[Key, Group], Mapping[Key, Group]],
    totals: tuple[Group, Group],
) -> None:
    """Add the effects within one model and feature: errors, then price, caching and length of each outcome."""
    for failed in (False, True):
        before, after = (groups.get((*pair, failed)) for groups in periods)
        share0 = Fraction(before.requests if before else 0, totals[0].requests)
        share1 = Fraction(after.requests if after else 0, totals[1].requests)
        base = _cost_per_request(before) if before and before.requests else _cost_per_request(after)
        parts["errors"] += _round_term(totals[1].requests * (share1 - share0) * base)
        if before and before.requests and after and after.requests:
            _add_per_request(parts, before, after)


def _add_per_request(parts: dict[str, Fraction], before: Group, after: Group) -> None:
    price0, price1 = _get_prices(before, after), _get_prices(after, before)
    repriced = sum((after.tokens[kind] * (price1[kind] - price0[kind]) for kind in KINDS), Fraction(0))
    parts["price"] += _round_term(repriced)
    input0, input1 = Fraction(before.input, before.requests), Fraction(after.input, after.requests)
    shares0, shares1 = _get_input_shares(before, after), _get_input_shares(after, before)
    shifted = sum(((shares1[kind] - shares0[kind]) * price0[kind] for kind in INPUT_KINDS), Fraction(0))
    parts["caching"] += _round_term(after.input * shifted)
    parts["length"] += _round_term(
        after.requests
        * (
            (input1 - input0) * sum((shares0[kind] * price0[kind] for kind in INPUT_KINDS), Fraction(0))
            + (Fraction(after.tokens["output"], after.requests) - Fraction(before.tokens["output"], before.requests))
            * price0["output"]
        )
    )
    parts["other"] += _round_term(after.other - before.other * after.requests / before.requests)


def _round_term(amount: Fraction) -> Fraction:
    return Fraction(round(amount * SCALE), SCALE)


def _get_prices(group: Group, other: Group) -> dict[str, Fraction]:
    """Return the mean price of each kind of token; where the group has none of a kind, the other group's."""
    return {
        kind: next((each.costs[kind] / each.tokens[kind] for each in (group, other) if each.tokens[kind]), Fraction(0))
        for kind in KINDS
    }


def _get_input_shares(group: Group, other: Group) -> dict[str, Fraction]:
    counted = group if group.input else other
    return {
        kind: Fraction(counted.tokens[kind], counted.input) if counted.input else Fraction(0) for kind in INPUT_KINDS
    }


def _merge_outcomes(groups: Mapping[Key, Group]) -> dict[tuple[str | None, str | None], Group]:
    merged: dict[tuple[str | None, str | None], Group] = {}
    for (model, feature, _), group in groups.items():
        known = merged.get((model, feature))
        merged[model, feature] = group if known is None else _add(known, group)
    return merged


def _add(one: Group, other: Group) -> Group:
    return Group(
        requests=one.requests + other.requests,
        spend=one.spend + other.spend,
        tokens={kind: one.tokens[kind] + other.tokens[kind] for kind in KINDS},
        costs={kind: one.costs[kind] + other.costs[kind] for kind in KINDS},
    )


def _cost_per_request(group: Group | None) -> Fraction:
    return group.spend / group.requests if group and group.requests else Fraction(0)


def _round(parts: Mapping[str, Fraction], change: Decimal) -> tuple[Effect, ...]:
    """Return the effects to 12 decimal places; the largest takes what rounding leaves."""
    amounts = {
        name: (Decimal(part.numerator) / Decimal(part.denominator)).quantize(PRECISION) for name, part in parts.items()
    }
    if abs(amounts["other"]) < NOTICEABLE:
        del amounts["other"]
    largest = max(amounts, key=lambda name: abs(amounts[name]))
    amounts[largest] += change - sum(amounts.values())
    return tuple(Effect(name=name, title=EFFECT_TITLES[name], amount=amount) for name, amount in amounts.items())
