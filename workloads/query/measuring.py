"""Run a query on a priced log."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.priced_log import PricedLog, Row
from workloads.query.dimensions import index_dimensions
from workloads.query.limits import resolve_filters, resolve_limits
from workloads.query.measure import REQUESTS_SQL, MissingMeasure, Unit
from workloads.query.measures import MEASURES
from workloads.query.missing import explain_missing_measure, explain_missing_times, list_unknown_values
from workloads.query.query import MAX_ROWS, ROW_NUMBERS, Query
from workloads.query.result import Cell, Column, QueryResult, Rows, to_cell
from workloads.query.sql import (
    Statement,
    build_groups,
    build_order,
    build_source,
    build_statistics,
    exclude_values,
    has_private_filters,
    start_statement,
)
from workloads.query.validation import check_query

MAX_FETCHED = 100_000
"""Groups that are read into memory, such as the days of two hundred customers."""

_NUMBER_COLUMNS = ("latency_ms", "first_token_ms")
"""Numbers of single requests that not every log has."""


def measure(log: PricedLog, query: Query) -> QueryResult:
    """Return the groups that `query` asks for, at most MAX_ROWS of them, with their total.

    Raises BadInput for an invalid query and for a dimension that the log lacks. Measures that the log lacks are listed
    in the result as missing.
    """
    asked = prepare_query(log, query)
    known, missing = _split_measures(log, asked)
    if not known:
        return _build_empty_result(asked, missing, start_statement(log))
    order = asked.order if asked.order and asked.order.by in (*known, *asked.by) else None
    query = resolve_limits(log, replace(asked, measures=known, order=order))
    result = _measure_statistics(log, query) if query.statistics else _measure_groups(log, query)
    unknown = list_unknown_values(log, query) if result.requests == 0 else ()
    return replace(result, missing=missing, unknown=unknown)


def fetch_groups(log: PricedLog, query: Query) -> list[Row]:
    """Return all groups of a valid query, each its dimensions and its measures, for figures that need every one.

    Raises BadInput if there are more than MAX_FETCHED.
    """
    query = prepare_query(log, query)
    if missing := _split_measures(log, query)[1]:
        raise BadInput(missing[0].why)
    query = resolve_limits(log, query)
    statement = start_statement(log)
    sql = f"{build_groups(query, statement)}{build_order(query, statement)} LIMIT {MAX_FETCHED + 1}"
    rows = log.fetch_all(sql, statement.values)
    if len(rows) > MAX_FETCHED:
        raise BadInput(text("That would be more than {most:,} groups. Ask about a part of the log.", most=MAX_FETCHED))
    return rows


def prepare_query(log: PricedLog, query: Query) -> Query:
    """Return the query with its times in its own zone, if it can be asked of the log. Raises BadInput."""
    query = replace(query, zone=query.zone or log.assumptions.time_zone or "UTC")
    query = check_query(query, index_dimensions(log))
    for name in (*query.by, *(each.field for each in query.where)):
        if why := explain_missing_times(log, name):
            raise BadInput(why)
    numbers = [each.field for each in query.where if each.field in ROW_NUMBERS]
    for name in numbers:
        if name in _NUMBER_COLUMNS and not log.has_columns(name):
            raise BadInput(text("The log has no {name}. Upload an export with that column.", name=name))
    if numbers and (why := explain_aggregation(log)):
        raise BadInput(
            text("The log has no single requests: {why}. Upload an export with one row per request.", why=why)
        )
    return resolve_filters(log, query)


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
    statement = start_statement(log)
    limit = query.limit or MAX_ROWS
    groups = build_groups(query, statement)
    where = f" WHERE {' AND '.join(f'd{i} IS NOT NULL' for i in range(len(query.by)))}" if query.having else ""
    sql = f"SELECT *, count(*) OVER () AS groups FROM ({groups}){where}{build_order(query, statement)} LIMIT {limit}"
    total, requests, unpriced = _measure_total(log, query)
    if query.by or query.having:
        found = log.fetch_all(sql, statement.values)
        count = found[0][-1] if found else 0
        rows = [tuple(row[:-1]) for row in found]
    else:  # the same figures, and another look at all rows
        count, rows = 1, [total]
    grouped = [statement.dimensions[name] for name in query.by]
    private = any(dimension.is_kept for dimension in grouped)
    withheld = tuple(dimension.is_private for dimension in grouped)
    return QueryResult(
        query=query,
        columns=_list_columns(query, statement),
        listed=Rows(private=private, withheld=withheld, rows=tuple(_show_rows(query, rows, total))),
        total=_show(total),
        rest=_measure_rest(log, query, rows)
        if query.by and count > len(rows) and not (query.having or query.limit_each)
        else None,
        groups=count,
        requests=requests,
        sql=sql,
        values=_show(statement.values.values()),
        formulas=tuple(MEASURES[name].formula for name in query.measures),
        unpriced_requests=unpriced,
        private_filters=has_private_filters(query, statement),
    )


def _measure_total(log: PricedLog, query: Query) -> tuple[Row, int | None, int | None]:
    """Return the figures of all requests together, their number, and how many of them have no price."""
    statement = start_statement(log)
    measures = ", ".join(MEASURES[name].sql for name in query.measures)
    sql = f"""SELECT count(*), {REQUESTS_SQL}, count(*) FILTER (spend IS NULL),
            CASE WHEN count(*) FILTER (spend IS NULL AND requests IS NULL) = 0
                THEN sum(requests) FILTER (spend IS NULL)::BIGINT END, {measures}
        FROM ({build_source(query, statement)})"""
    count, requests, unpriced_rows, unpriced, *figures = log.fetch_all(sql, statement.values)[0]
    return tuple(figures), requests if count else 0, unpriced if unpriced_rows else 0


def _measure_rest(log: PricedLog, query: Query, shown: list[Row]) -> tuple[Cell, ...]:
    """Return the figures of the groups that are not among `shown`."""
    statement = start_statement(log)
    source = build_source(query, statement)
    width = len(query.by)
    keys = ", ".join(f"{statement.dimensions[name].sql} AS g{i}" for i, name in enumerate(query.by))
    measures = ", ".join(MEASURES[name].sql for name in query.measures)
    inner = f"SELECT *, {keys} FROM ({source})"
    if width == 1:
        others = exclude_values("g0", [row[0] for row in shown], statement)
        return _show(log.fetch_all(f"SELECT {measures} FROM ({inner}) WHERE {others}", statement.values)[0])
    places = ", ".join(f"({', '.join(statement.bind(value) for value in row[:width])})" for row in shown)
    names = ", ".join(f"h{i}" for i in range(width))
    same = " AND ".join(f"g{i} IS NOT DISTINCT FROM h{i}" for i in range(width))
    sql = f"SELECT {measures} FROM ({inner}) ANTI JOIN (VALUES {places}) s({names}) ON {same}"
    return _show(log.fetch_all(sql, statement.values)[0])


def _list_columns(query: Query, statement: Statement) -> tuple[Column, ...]:
    known = [statement.dimensions[name] for name in query.by]
    dimensions = [Column(name=each.name, title=each.title, kind=each.kind) for each in known]
    shares = [
        Column(name=f"{name}_share", title=text("Share of {what}", what=MEASURES[name].title), unit=Unit.SHARE)
        for name in _list_shared(query)
    ]
    return (*dimensions, *_list_measure_columns(query), *shares)


def _list_measure_columns(query: Query) -> list[Column]:
    return [Column(name=name, title=MEASURES[name].title, unit=MEASURES[name].unit) for name in query.measures]


def _list_shared(query: Query) -> list[str]:
    return [name for name in query.measures if query.shares and query.by and MEASURES[name].is_sum]


def _show_rows(query: Query, rows: list[Row], total: Row) -> list[tuple[Cell, ...]]:
    """Return the rows as they are shown, with the shares of the total."""
    shared = [query.measures.index(name) for name in _list_shared(query)]
    width = len(query.by)
    return [(*_show(row), *(_divide(row[width + i], total[i]) for i in shared)) for row in rows]


def _show(values: Iterable[object]) -> tuple[Cell, ...]:
    return tuple(to_cell(value) for value in values)


def _divide(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    if part is None or not whole:
        return None
    return Decimal(part) / Decimal(whole)


def _measure_statistics(log: PricedLog, query: Query) -> QueryResult:
    """Return a row for each statistic; with two dimensions, those of each value of the first one, MAX_ROWS at most."""
    statement = start_statement(log)
    outer = [statement.dimensions[name] for name in query.by[:-1]]
    sql = f"{build_statistics(query, statement)} LIMIT {MAX_ROWS}"
    found = log.fetch_all(sql, statement.values)
    width, count = len(outer), len(query.statistics)
    groups = sum(row[width] for row in found)
    total, requests, unpriced = _measure_total(log, query)
    rows = tuple(
        (
            *_show(row[:width]),
            statistic.value,
            *(to_cell(row[width + 1 + i * count + j]) for i in range(len(query.measures))),
        )
        for row in found
        for j, statistic in enumerate(query.statistics)
    )
    dimensions = [Column(name=each.name, title=each.title, kind=each.kind) for each in outer]
    statistic_column = Column(name="statistic", title=text("Statistic"))
    return QueryResult(
        query=query,
        columns=(*dimensions, statistic_column, *_list_measure_columns(query)),
        listed=Rows(private=any(each.is_kept for each in outer), rows=rows),
        total=_show(total),
        rest=None,
        groups=groups,
        requests=requests,
        sql=sql,
        values=_show(statement.values.values()),
        formulas=tuple(MEASURES[name].formula for name in query.measures),
        unpriced_requests=unpriced,
        private_filters=has_private_filters(query, statement),
    )


def _build_empty_result(query: Query, missing: tuple[MissingMeasure, ...], statement: Statement) -> QueryResult:
    return QueryResult(
        query=query,
        columns=(),
        listed=Rows(),
        total=(),
        rest=None,
        groups=0,
        requests=None,
        sql="",
        values=(),
        formulas=(),
        missing=missing,
        private_filters=has_private_filters(query, statement),
    )
