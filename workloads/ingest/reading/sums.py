"""Detect rows that sum up requests, such as those of a day or an hour, and how many requests they are.

Nothing about single requests can be computed from them: no latency, peak or repeat, and no price by prompt length."""

import re
from collections.abc import Iterable
from typing import Final

import duckdb

from core.i18n.text import Text, plural_text
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping

REQUEST_COUNT_COLUMNS: Final = frozenset(
    {
        *("requests", "num_requests", "n_requests", "request_count", "requests_count", "total_requests"),
        *("num_model_requests", "model_requests", "successful_requests", "failed_requests", "number_of_requests"),
        *("api_requests", "api_calls", "calls", "num_calls", "n_calls", "call_count", "total_calls"),
        *("invocations", "invocation_count", "count"),
    }
)
"""Names of columns, in lower case, that say how many requests a row sums up."""

MAX_REQUEST_TOKENS: Final = 20_000_000  # in one request: twice the longest context of any model
_DAY_MICROSECONDS: Final = 86_400_000_000
_QUARTER_MICROSECONDS: Final = 900_000_000  # time buckets begin at full quarters of an hour, single requests do not


def has_summed_rows(mapping: ColumnMapping) -> bool:
    """Whether rows sum up requests by what the mapping says: a column counts them or ends their period, or the format
    has a row per period. A user who maps `requests` to nothing says that they don't."""
    if "requests" in mapping.given_fields and "requests" not in mapping.columns:
        return False
    return mapping.format.are_sums or not {"requests", "period_end"}.isdisjoint(mapping.columns)


def mark_sums(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, columns: Iterable[str]) -> tuple[Text, ...]:
    """Mark the rows of `typed` as sums if the file's `columns` or their contents show that. Returns a note."""
    is_denied = "requests" in mapping.given_fields and "requests" not in mapping.columns
    is_known = is_denied or has_summed_rows(mapping)
    if not is_known and (_has_request_count(columns) or _looks_summed(con, mapping)):
        con.execute("UPDATE typed SET is_sum = true, requests = NULL")
    rows = fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL AND is_sum")
    return (_describe_sums(con, rows),) if rows else ()


def _has_request_count(columns: Iterable[str]) -> bool:
    return any(_normalize_column(column) in REQUEST_COUNT_COLUMNS for column in columns)


def _normalize_column(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name[:100].lower()).strip("_")


def _looks_summed(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> bool:
    """Whether all rows are at full quarters of an hour, or one has more tokens than a request can have."""
    row = con.execute(
        f"""SELECT count(*), count(DISTINCT "at"), count(*) FILTER (epoch_us("at") % {_QUARTER_MICROSECONDS} = 0),
            count(*) FILTER (epoch_us("at") % {_DAY_MICROSECONDS} = 0),
            coalesce(max(fresh_input + cache_read + cache_write + output), 0)
        FROM typed WHERE why IS NULL"""
    ).fetchone()
    rows, moments, quarters, midnights, tokens = row or (0, 0, 0, 0, 0)
    if tokens > MAX_REQUEST_TOKENS:
        return True
    has_periods = "time" in mapping.columns and rows > 1 and quarters == rows
    return bool(has_periods and (moments > 1 or midnights == rows))


def _describe_sums(con: duckdb.DuckDBPyConnection, rows: int) -> Text:
    unknown, requests = con.execute(
        "SELECT count(*) FILTER (requests IS NULL), coalesce(sum(requests), 0)::BIGINT FROM typed "
        "WHERE why IS NULL AND is_sum"
    ).fetchall()[0]
    if unknown:
        return plural_text(
            "{n:,} row sums up several requests; their number is unknown.",
            "{n:,} rows sum up several requests each; their number is unknown.",
            n=rows,
        )
    return plural_text(
        "{n:,} row sums up several requests: {requests:,} in total.",
        "{n:,} rows sum up several requests each: {requests:,} in total.",
        n=rows,
        requests=requests,
    )
