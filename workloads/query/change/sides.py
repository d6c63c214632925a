"""The two sides of a change, each measured on its own log, and what follows from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from core.exceptions import BadInput
from workloads.analysis.priced_log import PricedLog
from workloads.query.change.effects import KINDS, Effect, Group, Key, split_change
from workloads.query.dimensions import index_dimensions
from workloads.query.measure import REQUESTS_SQL
from workloads.query.measuring import measure, prepare_query
from workloads.query.query import Query
from workloads.query.result import Derivation, to_cell, to_decimal
from workloads.query.sql import build_source, start_statement

MAX_GROUPS = 2_000
MAX_DRIVERS = 5
MAX_VALUES = 2_000
"""Values of a dimension by which two logs are compared; one with more is left out."""


DRIVER_DIMENSIONS = ("feature", "model", "user", "team", "customer", "api_key", "environment", "provider")
"""The dimensions whose values may be what changed, those that people look at first at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SideGroup:
    """The requests of one model, feature and outcome: USD as a whole and by kind of token (effects.KINDS)."""

    model: str | None
    feature: str | None
    failed: bool
    requests: int
    spend: Decimal
    tokens: tuple[int, ...]
    costs: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendByValue:
    """The spend of each value of a dimension. `private` and `private_names` as in DimensionDrivers."""

    dimension: str
    private: bool
    private_names: str = ""
    spend: tuple[tuple[str | None, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSide:
    """What a change starts from or leads to. `groups` is None if rows sum up an unknown number of requests.

    `by_dimension` is for comparing two logs; empty if that was not asked for.
    """

    spend: Decimal
    groups: tuple[SideGroup, ...] | None
    by_dimension: tuple[SpendByValue, ...]
    derivations: tuple[Derivation, ...]


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
class DimensionDrivers:
    """The values of a dimension that changed most. `private`: no remote model may get them.

    `private_names`: the field of the names that are replaced in what such a model gets; empty: none is.
    """

    dimension: str
    private: bool
    private_names: str = ""
    values: tuple[Driver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Spend and priced requests before and after, the effects, and for each dimension the values that changed most.

    `effects` is empty if the number of requests is unknown or there were none before. `derivations` say how the spend
    before and after was computed.
    """

    before: Decimal
    after: Decimal
    requests_before: int | None
    requests_after: int | None
    effects: tuple[Effect, ...]
    by_dimension: tuple[DimensionDrivers, ...]
    derivations: tuple[Derivation, ...]

    @property
    def drivers(self) -> tuple[tuple[Driver, ...], ...]:
        """The values that changed most, of each dimension."""
        return tuple(each.values for each in self.by_dimension)

    @property
    def amount(self) -> Decimal:
        return self.after - self.before


def measure_side(log: PricedLog, query: Query, *, with_values: bool = False) -> ChangeSide:
    """Return one side of a change: the requests of a query, whose measures and dimensions are ignored."""
    query = prepare_query(log, Query(where=query.where, period=query.period, zone=query.zone))
    result = measure(log, query)
    if result.missing:
        raise BadInput(result.missing[0].why)
    return ChangeSide(
        spend=to_decimal(result.total[0]),
        groups=_measure_groups(log, query),
        by_dimension=_measure_values(log, query) if with_values else (),
        derivations=result.derivations,
    )


def compare_sides(old: ChangeSide, new: ChangeSide, drivers: tuple[DimensionDrivers, ...]) -> Change:
    """Return the change from one side to the other."""
    before, after = (_index_groups(side) for side in (old, new))
    counts = [
        None if groups is None else sum(group.requests for group in groups.values()) for groups in (before, after)
    ]
    known = before is not None and after is not None and counts[0]
    return Change(
        before=old.spend,
        after=new.spend,
        requests_before=counts[0],
        requests_after=counts[1],
        effects=split_change(before or {}, after or {}, new.spend - old.spend) if known else (),
        by_dimension=drivers,
        derivations=(*old.derivations, *new.derivations),
    )


def compare_logs(old: ChangeSide, new: ChangeSide) -> Change:
    """Return the change from a side of one log to one of another. Both have `by_dimension`."""
    others = {each.dimension: each for each in new.by_dimension}
    drivers = [_list_drivers(each, others[each.dimension]) for each in old.by_dimension if each.dimension in others]
    return compare_sides(old, new, tuple(each for each in drivers if len(each.values) > 1))


def _list_drivers(old: SpendByValue, new: SpendByValue) -> DimensionDrivers:
    before, after = dict(old.spend), dict(new.spend)
    found = [
        Driver(
            dimension=old.dimension,
            value=value,
            before=before.get(value, Decimal(0)),
            after=after.get(value, Decimal(0)),
        )
        for value in dict.fromkeys((*before, *after))
    ]
    found.sort(key=lambda driver: (-abs(driver.change), driver.value or ""))
    return DimensionDrivers(
        dimension=old.dimension,
        private=old.private or new.private,
        private_names=old.private_names or new.private_names,
        values=tuple(found[:MAX_DRIVERS]),
    )


def _index_groups(side: ChangeSide) -> Mapping[Key, Group] | None:
    if side.groups is None:
        return None
    return {
        (group.model, group.feature, group.failed): Group(
            requests=group.requests,
            spend=Fraction(group.spend),
            tokens=dict(zip(KINDS, group.tokens, strict=True)),
            costs={kind: Fraction(cost) for kind, cost in zip(KINDS, group.costs, strict=True)},
        )
        for group in side.groups
    }


def _measure_groups(log: PricedLog, query: Query) -> tuple[SideGroup, ...] | None:
    """Return the groups by model, feature and outcome, the smallest beyond MAX_GROUPS as one."""
    statement = start_statement(log)
    sums = ", ".join(
        f"coalesce(sum({name}), 0)::{kind} AS {name}"
        for kind, names in (("HUGEINT", ("t0", "t1", "t2", "t3")), ("DECIMAL(38,12)", ("c0", "c1", "c2", "c3")))
        for name in names
    )
    sql = f"""WITH parts AS (
            SELECT model, feature, ok IS false AS failed, {REQUESTS_SQL} AS n, sum(spend) AS spend,
                sum(fresh_input) AS t0, sum(cache_read) AS t1, sum(cache_write) AS t2, sum(output) AS t3,
                sum(fresh_input * p_fresh) AS c0, sum(cache_read * p_read) AS c1, sum(cache_write * p_write) AS c2,
                sum(output * p_output) AS c3
            FROM ({build_source(query, statement)}) WHERE spend IS NOT NULL GROUP BY ALL),
        ranked AS (SELECT *, dense_rank() OVER (ORDER BY model, feature) <= {MAX_GROUPS} AS named FROM parts)
        SELECT CASE WHEN named THEN model END AS name, CASE WHEN named THEN feature END AS use, failed,
            CASE WHEN count(*) = count(n) THEN sum(n)::BIGINT END, sum(spend), {sums}
        FROM ranked GROUP BY name, use, failed ORDER BY ALL"""
    groups = [
        SideGroup(
            model=model,
            feature=feature,
            failed=failed,
            requests=-1 if requests is None else requests,
            spend=spend,
            tokens=tuple(map(int, figures[:4])),
            costs=tuple(figures[4:]),
        )
        for model, feature, failed, requests, spend, *figures in log.fetch_all(sql, statement.values)
    ]
    return None if any(group.requests < 0 for group in groups) else tuple(groups)


def _measure_values(log: PricedLog, query: Query) -> tuple[SpendByValue, ...]:
    """Return the spend by each dimension of names that has few enough of them."""
    found = []
    for dimension in index_dimensions(log).values():
        if dimension.name not in DRIVER_DIMENSIONS and not dimension.is_kept:
            continue
        statement = start_statement(log)
        source = build_source(
            Query(by=(dimension.name,), where=query.where, period=query.period, zone=query.zone), statement
        )
        rows = log.fetch_all(
            f"SELECT {dimension.sql}, coalesce(sum(spend), 0) FROM ({source}) GROUP BY 1 LIMIT {MAX_VALUES + 1}",
            statement.values,
        )
        if len(rows) <= MAX_VALUES:
            spend = tuple((None if value is None else str(to_cell(value)), cost) for value, cost in rows)
            found.append(
                SpendByValue(
                    dimension=dimension.name,
                    private=dimension.is_kept,
                    private_names="value" if dimension.is_private else "",
                    spend=spend,
                )
            )
    return tuple(found)
