"""Mark rows that sum up requests, such as those of a day or an hour, and how many requests they are.

Nothing about single requests can be computed from them: no latency, peak or repeat, and no price by prompt length."""

from collections.abc import Iterable

import duckdb

from core.i18n.text import Text, plural_text
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.summed_rows import has_request_count, looks_summed


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
    accepted = "(FROM typed WHERE why IS NULL)"
    if not is_known and (
        has_request_count(columns) or looks_summed(con, accepted, has_times="time" in mapping.columns)
    ):
        con.execute("ALTER VIEW typed RENAME TO typed_single")
        con.execute(
            "CREATE TEMP VIEW typed AS SELECT * REPLACE (true AS is_sum, NULL::BIGINT AS requests) FROM typed_single"
        )
    rows = fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL AND is_sum")
    return (_describe_sums(con, rows),) if rows else ()


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
