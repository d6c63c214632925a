"""List single requests of a log: the user's own rows, without prompts."""

from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.analysis.granularity import explain_aggregation
from workloads.analysis.priced_log import PricedLog
from workloads.query.measure import Unit
from workloads.query.measuring import prepare_query
from workloads.query.query import NUMBER_OPERATORS, ROW_NUMBERS, Operator, Query
from workloads.query.result import Cell, Column, Derivation, to_cell
from workloads.query.sql import build_source, has_private_filters, start_statement

MAX_LISTED = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class _RowColumn:
    title: Text
    sql: str
    column: str
    unit: Unit | None = None


ROW_COLUMNS = MappingProxyType(
    {
        "time": _RowColumn(title=text("Time"), sql="local_at", column="at"),
        "spend": _RowColumn(title=text("Spend"), sql="spend", column="row", unit=Unit.USD),
        "model": _RowColumn(title=text("Model"), sql="model", column="model"),
        "feature": _RowColumn(title=text("Feature"), sql="feature", column="feature"),
        "user": _RowColumn(title=text("User"), sql="end_user", column="end_user"),
        "team": _RowColumn(title=text("Team"), sql="team", column="team"),
        "customer": _RowColumn(title=text("Customer"), sql="customer", column="customer"),
        "input_tokens": _RowColumn(
            title=text("Input tokens"),
            sql="(fresh_input + cache_read + cache_write)::BIGINT",
            column="row",
            unit=Unit.TOKENS,
        ),
        "output_tokens": _RowColumn(title=text("Output tokens"), sql="output", column="row", unit=Unit.TOKENS),
        "tokens": _RowColumn(
            title=text("Tokens"),
            sql="(fresh_input + cache_read + cache_write + output)::BIGINT",
            column="row",
            unit=Unit.TOKENS,
        ),
        "latency_ms": _RowColumn(title=text("Latency"), sql="latency_ms", column="latency_ms", unit=Unit.MS),
        "first_token_ms": _RowColumn(
            title=text("Time to first token"), sql="first_token_ms", column="first_token_ms", unit=Unit.MS
        ),
        "error": _RowColumn(title=text("Error"), sql="error", column="error"),
        "request_id": _RowColumn(title=text("Request ID"), sql="request_id", column="request_id"),
        "row": _RowColumn(title=text("Row"), sql="row", column="row"),
    }
)
"""The columns of a request that are shown, where the log has them: the ones that matter first, as on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestList:
    """Single requests, in the order that was asked for. `found` is the number of all that meet the query's filters. If
    none does, `nearest` is the number of the request that comes closest to its first limit: a field of ROW_NUMBERS, and
    the value."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    found: int
    total_spend: Decimal | None
    derivation: Derivation
    nearest: tuple[str, Cell] | None = None


def list_requests(
    log: PricedLog, query: Query, *, order_by: str, descending: bool = True, limit: int = 10, offset: int = 0
) -> RequestList:
    """Return `limit` requests by a column of ROW_COLUMNS, from the one at `offset`. At most MAX_LISTED.

    Raises BadInput where rows are totals of several requests, or for an unknown column.
    """
    query = prepare_query(log, query)
    if why := explain_aggregation(log):
        raise BadInput(
            text("The log has no single requests: {why}. Upload an export with one row per request.", why=why)
        )
    if order_by not in ROW_COLUMNS or not log.has_columns(ROW_COLUMNS[order_by].column):
        raise BadInput(text("Requests of this log can't be ordered by {name}.", name=repr(order_by)))
    first = dict.fromkeys(("time", order_by, *ROW_COLUMNS))  # what the order is by stands in sight, even on a phone
    shown = {name: ROW_COLUMNS[name] for name in first if log.has_columns(ROW_COLUMNS[name].column)}
    statement = start_statement(log)
    source = build_source(query, statement)
    direction = "DESC" if descending else "ASC"
    columns = ", ".join(f"{each.sql} AS c{i}" for i, each in enumerate(shown.values()))
    sql = f"""SELECT {columns} FROM ({source})
        ORDER BY {ROW_COLUMNS[order_by].sql} {direction} NULLS LAST, row
        LIMIT {min(limit, MAX_LISTED)} OFFSET {int(offset)}"""
    found = log.fetch_all(sql, statement.values)
    count, spend = _measure_all(log, query)
    return RequestList(
        columns=tuple(Column(name=name, title=each.title, unit=each.unit) for name, each in shown.items()),
        rows=tuple(tuple(map(to_cell, row)) for row in found),
        found=count,
        total_spend=spend,
        nearest=None if count else _find_nearest(log, query),
        derivation=Derivation(
            formula=text("single requests"),
            sql=sql,
            values=tuple(map(to_cell, statement.values.values())),
            query=query,
            private_filters=has_private_filters(query, statement),
        ),
    )


def _measure_all(log: PricedLog, query: Query) -> tuple[int, Decimal | None]:
    """Return the number of requests and their spend."""
    statement = start_statement(log)
    sql = f"SELECT count(*), sum(spend) FROM ({build_source(query, statement)})"
    count, spend = log.fetch_all(sql, statement.values)[0]
    return count, spend


def _find_nearest(log: PricedLog, query: Query) -> tuple[str, Cell] | None:
    """Return the largest number of a request where none is above a limit, and the smallest where none is below."""
    limit = next((each for each in query.where if each.operator in NUMBER_OPERATORS and each.than is None), None)
    if limit is None:
        return None
    statement = start_statement(log)
    source = build_source(replace(query, where=tuple(each for each in query.where if each is not limit)), statement)
    choose = "max" if limit.operator in (Operator.ABOVE, Operator.AT_LEAST) else "min"
    sql = f"SELECT {choose}({ROW_NUMBERS[limit.field]}) FROM ({source})"
    value = log.fetch_all(sql, statement.values)[0][0]
    return None if value is None else (limit.field, to_cell(value))
