"""The one builder of SQL for queries. Names come from our own registries, and every value is a bound parameter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from workloads.analysis.priced_log import PricedLog
from workloads.query.dimensions import Dimension, DimensionKind, index_dimensions
from workloads.query.measures import MEASURES
from workloads.query.query import ROW_NUMBERS, SHARE_OPERATORS, Filter, Having, Operator, Query, Statistic, Value
from workloads.query.relation import build_local_time, build_relation

COMPARISONS = MappingProxyType(
    {Operator.ABOVE: ">", Operator.AT_LEAST: ">=", Operator.BELOW: "<", Operator.AT_MOST: "<="}
)


@dataclass(slots=True)
class Statement:
    """SQL about a log that is being built, and its parameters: `$p0`, `$p1`, ... `dimensions` are those of the log."""

    log: PricedLog
    dimensions: Mapping[str, Dimension]
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: object) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"${name}"


def start_statement(log: PricedLog) -> Statement:
    return Statement(log=log, dimensions=index_dimensions(log))


def build_source(query: Query, statement: Statement) -> str:
    """Return the SELECT of the requests that `query` is about, with `local_at`, the time in the user's zone."""
    names = {*query.by, *(each.field for each in query.where)}
    with_kept = any(statement.dimensions[name].is_kept for name in names & statement.dimensions.keys())
    relation = build_relation(statement.log, with_kept=with_kept)
    conditions = [build_condition(each, statement) for each in query.where if each.operator not in SHARE_OPERATORS]
    if query.period.start is not None:
        conditions.append(f"local_at >= {statement.bind(query.period.start)}")
    if query.period.end is not None:
        conditions.append(f"local_at < {statement.bind(query.period.end)}")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    local_time = build_local_time(statement.log, query.zone)
    ranks = [_build_rank(each, statement) for each in query.where if each.operator in SHARE_OPERATORS]
    first = f" QUALIFY {' AND '.join(ranks)}" if ranks else ""
    return f"SELECT * FROM (SELECT *, {local_time} AS local_at FROM {relation}){where}{first}"


def _build_rank(each: Filter, statement: Statement) -> str:
    """Return that a request is among the share of those with the highest, or lowest, of a number; ties by row."""
    number = f"({ROW_NUMBERS[each.field]})"
    direction = "DESC" if each.operator is Operator.HIGHEST else "ASC"
    most = f"ceil({statement.bind(each.values[0])} * count({number}) OVER ())"
    return f"row_number() OVER (ORDER BY {number} {direction} NULLS LAST, row) <= {most}"


def build_condition(each: Filter, statement: Statement) -> str:
    """Return the condition that a request meets a filter. IS NOT keeps requests without a value."""
    if each.operator in COMPARISONS:
        is_number = each.field in ROW_NUMBERS
        expression = ROW_NUMBERS[each.field] if is_number else statement.dimensions[each.field].sql
        kind = DimensionKind.NUMBER if is_number else statement.dimensions[each.field].kind
        limits = (
            f"({expression}) {COMPARISONS[each.operator]} {statement.bind(_to_parameter(value, kind))}"
            for value in each.values
        )
        return f"({' OR '.join(limits)})"
    dimension = statement.dimensions[each.field]
    if each.operator in (Operator.CONTAINS, Operator.LACKS):
        parts = [
            f"contains(lower({dimension.sql}), lower({statement.bind(value)}))"
            for value in each.values
            if value is not None
        ]
        parts += [f"({dimension.sql}) IS NULL"] if None in each.values else []
        found = f"coalesce({' OR '.join(parts)}, false)"
    else:
        found = _build_membership(dimension.sql, each.values, dimension.kind, statement)
    return f"NOT {found}" if each.operator in (Operator.IS_NOT, Operator.LACKS) else found


def _build_membership(expression: str, values: Sequence[Value], kind: DimensionKind, statement: Statement) -> str:
    named = [statement.bind(_to_parameter(value, kind)) for value in values if value is not None]
    cases = [f"coalesce(({expression}) IN ({', '.join(named)}), false)"] if named else []
    cases += [f"({expression}) IS NULL"] if None in values else []
    return f"({' OR '.join(cases)})"


def _to_parameter(value: Value, kind: DimensionKind) -> object:
    return date.fromisoformat(str(value)) if kind is DimensionKind.DATE else value


def has_private_filters(query: Query, statement: Statement) -> bool:
    """Whether a filter is on a dimension whose values no remote model may get."""
    named = (statement.dimensions.get(each.field) for each in query.where)
    return any(dimension is not None and dimension.is_private for dimension in named)


def build_groups(query: Query, statement: Statement) -> str:
    """Return the SELECT of all groups: dimensions d0, d1, ..., then measures m0, m1, ..."""
    dimensions = [f"{statement.dimensions[name].sql} AS d{i}" for i, name in enumerate(query.by)]
    measures = [f"{MEASURES[name].sql} AS m{i}" for i, name in enumerate(query.measures)]
    conditions = [_build_having(each, statement) for each in query.having]
    groups = f" GROUP BY {', '.join(f'd{i}' for i in range(len(query.by)))}" if query.by else ""
    having = f" HAVING {' AND '.join(conditions)}" if conditions else ""
    first = _build_limit_each(query) if query.limit_each else ""
    return (
        f"SELECT {', '.join((*dimensions, *measures))} FROM ({build_source(query, statement)}){groups}{having}{first}"
    )


def _build_limit_each(query: Query) -> str:
    """Return QUALIFY with the first groups of each value of the first dimension, ties by name."""
    others = ", ".join(f"d{i} NULLS LAST" for i in range(1, len(query.by)))
    order = query.order
    ranked = "m0" if order is None else _name_column(query, order.by)
    direction = "ASC" if order is not None and not order.descending else "DESC"
    rank = f"row_number() OVER (PARTITION BY d0 ORDER BY {ranked} {direction} NULLS LAST, {others})"
    return f" QUALIFY {rank} <= {int(query.limit_each or 0)}"


def _name_column(query: Query, name: str) -> str:
    return f"d{query.by.index(name)}" if name in query.by else f"m{query.measures.index(name)}"


def _build_having(condition: Having, statement: Statement) -> str:
    measure, comparison = MEASURES[condition.measure], COMPARISONS[condition.operator]
    # A rate is a floating-point number: compared with a decimal, it would not be equal to itself.
    value = condition.value if measure.is_sum else float(condition.value)
    return f"({measure.sql}) {comparison} {statement.bind(value)}"


def build_order(query: Query, statement: Statement) -> str:
    """Return ORDER BY: as the query says, else by time, else by the first measure, largest first; ties by name."""
    names = (*query.by, *query.measures)
    columns = (*(f"d{i}" for i in range(len(query.by))), *(f"m{i}" for i in range(len(query.measures))))
    keys = [f"d{i}" for i in range(len(query.by))]
    each = ["d0 NULLS LAST"] if query.limit_each else _put_unnamed_last(query, statement)
    if query.order is not None:
        direction = "DESC" if query.order.descending else "ASC"
        first = [f"{columns[names.index(query.order.by)]} {direction} NULLS LAST"]
    elif query.by and statement.dimensions[query.by[0]].is_time:
        first = []
    else:
        first = ["m0 DESC NULLS LAST"]
    return f" ORDER BY {', '.join((*each, *first, *(f'{key} NULLS LAST' for key in keys)))}"


def _put_unnamed_last(query: Query, statement: Statement) -> list[str]:
    """Return the order by which requests without a name are not among the first groups: "the top 3 users"."""
    if query.limit is None or (query.order is not None and query.order.by in query.by):
        return []
    names = [f"d{i} IS NULL" for i, name in enumerate(query.by) if not statement.dimensions[name].is_time]
    return [f"({' OR '.join(names)})"] if names else []


def build_statistics(query: Query, statement: Statement) -> str:
    """Return the SELECT of the statistics of every measure over the groups that have a value.

    One row; with two dimensions, one for each value of the first, which comes first in it.
    """
    groups = build_groups(query, statement)
    columns = [
        f"{build_statistic(statistic, f'm{i}')} AS s{i}_{j}"
        for i in range(len(query.measures))
        for j, statistic in enumerate(query.statistics)
    ]
    last = len(query.by) - 1
    key, grouped = ("d0, ", " GROUP BY d0 ORDER BY s0_0 DESC NULLS LAST, d0 NULLS LAST") if last else ("", "")
    return f"SELECT {key}count(*), {', '.join(columns)} FROM ({groups}) WHERE d{last} IS NOT NULL{grouped}"


def build_statistic(statistic: Statistic, column: str) -> str:
    match statistic:
        case Statistic.MEAN:
            return f"sum({column})::DECIMAL(38,12) / nullif(count({column}), 0)"
        case Statistic.LEAST | Statistic.MOST:
            return f"{statistic.value}({column})"
        case _:
            return f"quantile_cont({column}, 0.{statistic.value[1:]})"


def exclude_values(column: str, values: Sequence[object], statement: Statement) -> str:
    """Return SQL for rows whose column has none of the values. It takes a quarter of the time of a join."""
    known = ", ".join(statement.bind(value) for value in values if value is not None)
    is_other = f"{column} NOT IN ({known})" if known else "true"
    return f"({column} IS NOT NULL AND {is_other})" if None in values else f"({column} IS NULL OR {is_other})"
