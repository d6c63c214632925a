"""Explain the difference in spend between two sets of requests of a log, such as two weeks.

The effects: effects.py. Each side: sides.py, by which two logs are compared as well."""

from collections.abc import Iterable
from dataclasses import replace

from workloads.analysis.priced_log import PricedLog
from workloads.query.change.sides import (
    DRIVER_DIMENSIONS,
    MAX_DRIVERS,
    Change,
    DimensionDrivers,
    Driver,
    compare_sides,
    measure_side,
)
from workloads.query.dimensions import Dimension, index_dimensions
from workloads.query.measuring import prepare_query
from workloads.query.query import Query
from workloads.query.result import to_cell
from workloads.query.sql import build_source, start_statement


def explain_change(log: PricedLog, before: Query, after: Query) -> Change:
    """Return why the spend of `after` differs from that of `before`; their measures and dimensions are ignored."""
    first, second = (
        prepare_query(log, Query(where=query.where, period=query.period, zone=query.zone)) for query in (before, after)
    )
    old, new = (measure_side(log, query) for query in (first, second))
    return compare_sides(old, new, tuple(_list_drivers(log, first, second)))


def _list_drivers(log: PricedLog, before: Query, after: Query) -> Iterable[DimensionDrivers]:
    dimensions = index_dimensions(log)
    names = [name for name in DRIVER_DIMENSIONS if name in dimensions]
    for name in (*names, *(name for name, dimension in dimensions.items() if dimension.is_kept)):
        found = _measure_drivers(log, before, after, dimensions[name])
        if len(found) > 1:
            yield DimensionDrivers(
                dimension=name,
                private=dimensions[name].is_kept,
                private_names="value" if dimensions[name].is_private else "",
                values=found,
            )


def _measure_drivers(log: PricedLog, before: Query, after: Query, dimension: Dimension) -> tuple[Driver, ...]:
    """Return the values of a dimension whose spend changed most, from all that it has in either set of requests."""
    statement = start_statement(log)
    old, new = (
        f"""SELECT {dimension.sql} AS value, coalesce(sum(spend), 0) AS spend
            FROM ({build_source(replace(query, by=(dimension.name,)), statement)}) GROUP BY 1"""
        for query in (before, after)
    )
    sql = f"""SELECT coalesce(o.value, n.value) AS name, coalesce(o.spend, 0) AS was, coalesce(n.spend, 0) AS became
        FROM ({old}) o FULL JOIN ({new}) n ON o.value IS NOT DISTINCT FROM n.value
        ORDER BY abs(became - was) DESC, name NULLS LAST LIMIT {MAX_DRIVERS}"""
    return tuple(
        Driver(dimension=dimension.name, value=None if value is None else str(to_cell(value)), before=was, after=became)
        for value, was, became in log.fetch_all(sql, statement.values)
    )
