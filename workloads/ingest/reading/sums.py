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
_FEWEST_SUMMED_TOKENS: Final = 5_000  # in the mean row of a period
_USAGE: Final = "(fresh_input + cache_read + cache_write + output)"
_REQUEST_FACTS: Final = (
    *("request_id", "latency_ms", "first_token_ms", "error", "streamed", "temperature", "has_tools", "prompt_hash"),
    "blocks",
)
"""Columns of `typed` that only single requests have."""

_PERIOD_NAMES: Final = (
    *("model", "provider", "service_tier", "geography", "feature", "team", "api_key", "customer", "environment"),
    *("end_user", "session"),
)
"""Columns of `typed` by which usage is summed up."""


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
    """Whether one row has more tokens than a request can have, or the rows are those of periods.

    Rows of periods are all at full quarters of an hour, one for each period and name, and say nothing that only a
    request has, such as a latency. Small ones would hardly be sums: they are requests of a timer, or made up.
    """
    row = con.execute(
        f"""SELECT count(*), count(DISTINCT "at"), count(*) FILTER (epoch_us("at") % {_QUARTER_MICROSECONDS} = 0),
            count(*) FILTER (epoch_us("at") % {_DAY_MICROSECONDS} = 0),
            coalesce(max({_USAGE}), 0), coalesce(avg({_USAGE}), 0)
        FROM typed WHERE why IS NULL"""
    ).fetchone()
    rows, moments, quarters, midnights, most, mean = row or (0, 0, 0, 0, 0, 0)
    if most > MAX_REQUEST_TOKENS:
        return True
    if "time" not in mapping.columns or rows < 2 or quarters < rows or (moments < 2 and midnights < rows):
        return False
    return mean > _FEWEST_SUMMED_TOKENS and not _tells_of_requests(con) and _has_one_row_per_period(con)


def _tells_of_requests(con: duckdb.DuckDBPyConnection) -> bool:
    counts = " + ".join(f"count({name})" for name in _REQUEST_FACTS)
    return fetch_int(con, f"SELECT {counts} FROM typed WHERE why IS NULL") > 0


def _has_one_row_per_period(con: duckdb.DuckDBPyConnection) -> bool:
    keys = f"""hash("at", {", ".join(_PERIOD_NAMES)})"""
    return fetch_int(con, f"SELECT count(*) - count(DISTINCT {keys}) FROM typed WHERE why IS NULL") == 0


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
