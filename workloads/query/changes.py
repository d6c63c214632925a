"""Explain the difference in spend between two sets of requests, such as two weeks (the effects: change_effects.py)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from workloads.analysis.priced_log import PricedLog
from workloads.query.change_effects import KINDS, Effect, Group, Key, split_change
from workloads.query.dimensions import DIMENSIONS, has_dimension
from workloads.query.measure import REQUESTS_SQL
from workloads.query.measuring import measure
from workloads.query.query import Query, check_query
from workloads.query.result import to_decimal
from workloads.query.sql import Statement, build_source

MAX_GROUPS = 2000

DRIVER_DIMENSIONS = ("feature", "model", "user", "team", "customer", "api_key", "environment", "provider")
"""The dimensions whose values may be what changed, those that people look at first at the beginning."""


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
    effects = () if old is None or new is None or not counts[0] else split_change(old, new, spend[1] - spend[0])
    return Change(
        before=spend[0],
        after=spend[1],
        requests_before=counts[0],
        requests_after=counts[1],
        effects=effects,
        drivers=tuple(_list_drivers(log, first, second, drivers)),
    )


def _measure_groups(log: PricedLog, query: Query) -> Mapping[Key, Group] | None:
    """Return the groups by model, feature and outcome; None if rows sum up an unknown number of requests."""
    statement = Statement()
    sql = f"""SELECT model, feature, ok IS false, {REQUESTS_SQL}, coalesce(sum(cost), 0), sum(fresh_input)::BIGINT,
            sum(cache_read)::BIGINT, sum(cache_write)::BIGINT, sum(output)::BIGINT,
            coalesce(sum(fresh_input * p_fresh), 0), coalesce(sum(cache_read * p_read), 0),
            coalesce(sum(cache_write * p_write), 0), coalesce(sum(output * p_output), 0)
        FROM (SELECT * REPLACE (
            CASE WHEN rank <= {MAX_GROUPS} THEN model END AS model,
            CASE WHEN rank <= {MAX_GROUPS} THEN feature END AS feature)
            FROM (SELECT *, dense_rank() OVER (ORDER BY model, feature) AS rank
                FROM ({build_source(query, statement)})))
        WHERE cost IS NOT NULL GROUP BY ALL"""
    groups: dict[Key, Group] = {}
    for model, feature, failed, requests, spend, *figures in log.fetch_all(sql, statement.values):
        if requests is None:
            return None
        groups[model, feature, failed] = Group(
            requests=requests,
            spend=Fraction(spend),
            tokens=dict(zip(KINDS, figures[:4], strict=True)),
            costs={kind: Fraction(cost) for kind, cost in zip(KINDS, figures[4:], strict=True)},
        )
    return groups


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
