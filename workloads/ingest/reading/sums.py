"""Mark rows that sum up requests, such as those of a day or an hour, and how many requests they are.

Nothing about single requests can be computed from them: no latency, peak or repeat, and no price by prompt length."""

from collections.abc import Iterable
from typing import Final

import duckdb

from core.i18n.text import Text, plural_text
from workloads.ingest.database import fetch_int
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.numbers import NumberFormat
from workloads.ingest.summed_rows import MAX_REQUEST_TOKENS, has_request_count, looks_summed

_REQUEST_FIELDS: Final = frozenset(
    {
        *("request_id", "span_id", "latency", "latency_ms", "latency_s", "end_time", "first_token", "first_token_ms"),
        *("first_token_s", "first_token_time", "status", "error", "failed", "streamed", "temperature", "tools"),
        *("prompt", "prompt_hash", "blocks"),
    }
)
"""Fields that only single requests have."""

_FEWEST_LARGE: Final = 3


def has_summed_rows(mapping: ColumnMapping) -> bool:
    """Whether rows sum up requests by what the mapping says: a column counts them, ends or names their period, or the
    format has a row per period. A user who maps `requests` to nothing says that they don't."""
    if "requests" in mapping.given_fields and "requests" not in mapping.columns:
        return False
    counts = [field for field in COUNT_FIELDS if field in mapping.columns]
    has_units = any(mapping.get_unit(field) > 1 for field in counts)
    is_told = mapping.format.are_sums or has_units or mapping.times.has_periods
    return is_told or not {"requests", "period_end"}.isdisjoint(mapping.columns)


def has_request_fields(mapping: ColumnMapping) -> bool:
    """Whether the file has a column that only single requests have."""
    return not _REQUEST_FIELDS.isdisjoint(mapping.columns)


def has_large_sums(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat) -> bool:
    """Whether three rows of `cells`, and a tenth of them, have more tokens than a request can have, in a file with
    nothing that only requests have: the sums of a large company's days, not a few damaged cells."""
    if has_request_fields(mapping):
        return False
    fields = [field for field in ("input_tokens", "fresh_input_tokens") if field in mapping.columns]
    counts = [numbers.build_count_sql(mapping, field) for field in fields]
    large = " OR ".join(f"{count} > {MAX_REQUEST_TOKENS}" for count in counts) or "false"
    found = f"count(*) FILTER ({large})"
    return fetch_int(con, f"SELECT ({found} >= {_FEWEST_LARGE} AND 10 * {found} > count(*))::INT FROM stage") > 0


def mark_sums(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, columns: Iterable[str]) -> tuple[Text, ...]:
    """Mark the rows of `typed` as sums if the file's `columns` or their contents show that. Returns a note."""
    if not has_summed_rows(mapping):
        is_denied = "requests" in mapping.given_fields and "requests" not in mapping.columns
        if is_denied or not (has_request_count(columns) or _looks_summed(con, mapping)):
            return ()
        con.execute("ALTER VIEW typed RENAME TO typed_single")
        con.execute(
            "CREATE TEMP VIEW typed AS SELECT * REPLACE (true AS is_sum, NULL::BIGINT AS requests) FROM typed_single"
        )
    rows = fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL AND is_sum")
    return (_describe_sums(con, rows),) if rows else ()


def _looks_summed(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> bool:
    return looks_summed(con, "(FROM typed WHERE why IS NULL)", has_times="time" in mapping.columns)


def _describe_sums(con: duckdb.DuckDBPyConnection, rows: int) -> Text:
    unknown, requests = con.execute(
        "SELECT count(*) FILTER (requests IS NULL), coalesce(sum(requests), 0)::BIGINT FROM typed "
        "WHERE why IS NULL AND is_sum"
    ).fetchall()[0]
    if unknown:
        return plural_text(
            "{n:,} row stands for several requests; their number is unknown.",
            "{n:,} rows sum up several requests each; their number is unknown.",
            n=rows,
        )
    return plural_text(
        "{n:,} row stands for several requests: {requests:,} in total.",
        "{n:,} rows sum up several requests each: {requests:,} in total.",
        n=rows,
        requests=requests,
    )
