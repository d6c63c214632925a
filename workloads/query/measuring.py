"""Run a query on a priced log."""

from dataclasses import replace
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.priced_log import PricedLog, Row
from workloads.query.dimensions import DIMENSIONS, has_dimension, list_dimensions
from workloads.query.measure import REQUESTS_SQL, MissingMeasure, Unit
from workloads.query.measures import MEASURES
from workloads.query.missing import explain_missing_measure
from workloads.query.query import MAX_ROWS, Query, check_query
from workloads.query.result import Cell, Column, QueryResult
from workloads.query.sql import Statement, build_groups, build_order, build_source, build_statistics


def measure(log: PricedLog, query: Query) -> QueryResult:
    """Return the groups that `query` asks for, at most MAX_ROWS of them, with their total.

    Raises BadInput for an invalid query and for a dimension that the log lacks. Measures that the log lacks are listed
    in the result as missing.
    """
    check_query(query)
    _check_dimensions(log, query)
    known, missing = _split_measures(log, query)
    if not known:
        return _build_empty_result(missing)
    query = replace(
        query, measures=known, order=query.order if query.order and query.order.by in (*known, *query.by) else None
    )
    result = _measure_statistics(log, query) if query.statistics else _measure_groups(log, query)
    return replace(result, missing=missing)


def _check_dimensions(log: PricedLog, query: Query) -> None:
    used = (*query.by, *(each.field for each in query.where if each.field in DIMENSIONS))
    absent = [name for name in used if not has_dimension(log, DIMENSIONS[name])]
    if absent:
        known = ", ".join(dimension.name for dimension in list_dimensions(log))
        raise BadInput(text("The log has no {name}. It has: {known}.", name=absent[0], known=known))


def _split_measures(log: PricedLog, query: Query) -> tuple[tuple[str, ...], tuple[MissingMeasure, ...]]:
    missing = [
        found
        for name in dict.fromkeys((*query.measures, *(each.measure for each in query.having)))
        if (found := explain_missing_measure(log, MEASURES[name]))
    ]
    names = {each.measure for each in missing}
    if names.intersection(each.measure for each in query.having):
        return (), tuple(missing)
    return tuple(name for name in query.measures if name not in names), tuple(missing)


def _measure_groups(log: PricedLog, query: Query) -> QueryResult:
    statement = Statement()
    limit = query.limit or MAX_ROWS
    groups = build_groups(query, statement)
    sql = f"SELECT *, count(*) OVER () AS groups FROM ({groups}){build_order(query)} LIMIT {limit}"
    found = log.fetch_all(sql, statement.values)
    count = found[0][-1] if found else 0
    rows = [tuple(row[:-1]) for row in found]
    total, requests, unpriced = _measure_total(log, query)
    return QueryResult(
        columns=_list_columns(query),
        rows=tuple(_add_shares(query, rows, total)),
        total=total,
        rest=_measure_rest(log, query, rows) if query.by and count > len(rows) and not query.having else None,
        groups=count,
        requests=requests,
        sql=sql,
        values=tuple(statement.values.values()),
        formulas=tuple(MEASURES[name].formula for name in query.measures),
        unpriced_requests=unpriced,
    )


def _measure_total(log: PricedLog, query: Query) -> tuple[Row, int | None, int | None]:
    """Return the figures of all requests together, their number, and how many of them have no price."""
    statement = Statement()
    measures = ", ".join(MEASURES[name].sql for name in query.measures)
    sql = f"""SELECT {REQUESTS_SQL}, coalesce(sum(requests) FILTER (WHERE spend IS NULL), 0)::BIGINT, {measures}
        FROM ({build_source(query, statement)})"""
    requests, without_price, *figures = log.fetch_all(sql, statement.values)[0]
    return tuple(figures), requests or 0, without_price


def _measure_rest(log: PricedLog, query: Query, shown: list[Row]) -> Row:
    """Return the figures of the groups that are not among `shown`."""
    statement = Statement()
    source = build_source(query, statement)
    keys = [DIMENSIONS[name].sql for name in query.by]
    width = len(query.by)
    places = [
        "("
        + " AND ".join(
            f"({key}) IS NOT DISTINCT FROM {statement.bind(value)}" for key, value in zip(keys, row, strict=False)
        )
        + ")"
        for row in (row[:width] for row in shown)
    ]
    measures = ", ".join(MEASURES[name].sql for name in query.measures)
    sql = f"SELECT {measures} FROM ({source}) WHERE NOT ({' OR '.join(places)})"
    return tuple(log.fetch_all(sql, statement.values)[0])


def _list_columns(query: Query) -> tuple[Column, ...]:
    dimensions = [Column(name=name, title=DIMENSIONS[name].title) for name in query.by]
    measures = [Column(name=name, title=MEASURES[name].title, unit=MEASURES[name].unit) for name in query.measures]
    shares = [
        Column(name=f"{name}_share", title=text("Share of {what}", what=MEASURES[name].title), unit=Unit.SHARE)
        for name in _list_shared(query)
    ]
    return (*dimensions, *measures, *shares)


def _list_shared(query: Query) -> list[str]:
    return [name for name in query.measures if query.shares and query.by and MEASURES[name].is_sum]


def _add_shares(query: Query, rows: list[Row], total: Row) -> list[tuple[Cell, ...]]:
    shared = [query.measures.index(name) for name in _list_shared(query)]
    width = len(query.by)
    return [(*row, *(_divide(row[width + i], total[i]) for i in shared)) for row in rows]


def _divide(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    if part is None or not whole:
        return None
    return Decimal(part) / Decimal(whole)


def _measure_statistics(log: PricedLog, query: Query) -> QueryResult:
    statement = Statement()
    sql = build_statistics(query, statement)
    groups, *figures = log.fetch_all(sql, statement.values)[0]
    total, requests, unpriced = _measure_total(log, replace(query, by=(), statistics=()))
    count = len(query.statistics)
    rows = tuple(
        (statistic.value, *(figures[i * count + j] for i in range(len(query.measures))))
        for j, statistic in enumerate(query.statistics)
    )
    return QueryResult(
        columns=(
            Column(name="statistic", title=text("Statistic")),
            *(Column(name=name, title=MEASURES[name].title, unit=MEASURES[name].unit) for name in query.measures),
        ),
        rows=rows,
        total=total,
        rest=None,
        groups=groups,
        requests=requests,
        sql=sql,
        values=tuple(statement.values.values()),
        formulas=tuple(MEASURES[name].formula for name in query.measures),
        unpriced_requests=unpriced,
    )


def _build_empty_result(missing: tuple[MissingMeasure, ...]) -> QueryResult:
    return QueryResult(
        columns=(),
        rows=(),
        total=(),
        rest=None,
        groups=0,
        requests=None,
        sql="",
        values=(),
        formulas=(),
        missing=missing,
    )
