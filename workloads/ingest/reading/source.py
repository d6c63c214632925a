"""The LogSource of a log that was read: its contents, the rejected rows, and remarks on its figures."""

import math
from collections.abc import Sequence
from types import MappingProxyType

import duckdb

from core.exceptions import BadInput
from core.i18n.text import Text, join_texts, plural_text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.rows import GATEWAY_CACHE_HIT
from workloads.ingest.reading.table import Table, quote_identifier
from workloads.ingest.reading.times import is_in_seconds
from workloads.ingest.schema import REQUEST_COLUMNS, LogSource, Rejection


def list_rejections(con: duckdb.DuckDBPyConnection, reasons: Sequence[Text]) -> tuple[Rejection, ...]:
    """Return why rows of `typed` were left out, the most common of the `reasons` first."""
    rows = con.execute("SELECT why, count(*), min(row, 5) FROM typed WHERE why IS NOT NULL GROUP BY why").fetchall()
    rejections = (Rejection(why=reasons[why], rows=count, examples=tuple(first)) for why, count, first in rows)
    return tuple(sorted(rejections, key=lambda rejection: (-rejection.rows, rejection.why)))


def require_rows(con: duckdb.DuckDBPyConnection, rejected: tuple[Rejection, ...]) -> None:
    """Raise BadInput if no row is usable, or if more rows are unusable than usable."""
    usable = fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL")
    unusable = sum(rejection.rows for rejection in rejected if rejection.why != GATEWAY_CACHE_HIT)
    if usable and unusable <= usable:
        return
    if not rejected:
        raise BadInput(text("The file has a header but no rows."))
    raise BadInput(
        plural_text(
            "Only {usable:,} of {n:,} row can be used, too few for reliable figures. Left out: {reasons}.",
            "Only {usable:,} of {n:,} rows can be used, too few for reliable figures. Left out: {reasons}.",
            n=usable + unusable,
            usable=usable,
            reasons=join_texts("; ", map(_describe_rejection, rejected[:5])),
        )
    )


def list_mapping_notes(mapping: ColumnMapping) -> tuple[Text, ...]:
    """Return a note on the columns that were matched by name."""
    if not mapping.is_guessed:
        return ()
    pairs = ", ".join(
        f"{field}={column}" for field, column in mapping.columns.items() if field not in mapping.given_fields
    )
    return (text("Columns were matched by name: {pairs}. Correct any that are wrong.", pairs=pairs),)


def build_source(
    con: duckdb.DuckDBPyConnection,
    table: Table,
    mapping: ColumnMapping,
    *,
    name: str,
    relative: bool,
    rejected: tuple[Rejection, ...],
    notes: tuple[Text, ...],
) -> LogSource:
    """Return the LogSource of the requests in `typed`."""
    block_tokens, block_notes = _detect_block_tokens(con, mapping)
    used = {column for chosen in mapping.columns.values() for column in (chosen, chosen.split(".")[0])}
    return LogSource(
        name=name,
        format=mapping.format.name,
        mapping=MappingProxyType(dict(mapping.columns)),
        guessed=mapping.is_guessed,
        columns=_list_filled_columns(con, mapping),
        ignored=tuple(column for column in table.top_level if column not in used),
        rows=fetch_int(con, "SELECT count(*) FROM typed WHERE why IS NULL"),
        rejected=rejected,
        notes=(*notes, *block_notes),
        relative_clock=relative,
        block_tokens=block_tokens,
        synthetic=fetch_int(con, "SELECT count(*) FROM cells WHERE flag(synthetic)") > 0,
    )


def _describe_rejection(rejection: Rejection) -> Text:
    return plural_text(
        "{why} ({n:,} row, e.g. row {places})",
        "{why} ({n:,} rows, e.g. row {places})",
        why=rejection.why,
        n=rejection.rows,
        places=", ".join(map(str, rejection.examples)),
    )


def _list_filled_columns(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> frozenset[str]:
    # Columns that are never NULL are always filled, so their fields are checked instead.
    sources = {"at": "time", "cache_read": "cached_tokens", "cache_write": "cache_write_tokens"}
    counts = ", ".join(f"count({quote_identifier(name)})" for name in REQUEST_COLUMNS)
    row = con.execute(f"SELECT {counts} FROM typed WHERE why IS NULL").fetchone() or ()
    filled = {name for name, count in zip(REQUEST_COLUMNS, row, strict=True) if count}
    return frozenset(filled - {name for name, field in sources.items() if not _is_filled(con, mapping, field)})


def _is_filled(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, field: str) -> bool:
    if field not in mapping.columns:
        return False
    return fetch_int(con, f"SELECT count(value({quote_identifier(field)})) FROM cells") > 0


def _detect_block_tokens(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> tuple[int | None, tuple[Text, ...]]:
    """Return the format's block size, or the smallest one with which every prompt fits into its blocks."""
    row = con.execute(
        "SELECT max((fresh_input + cache_read + cache_write) / len(blocks)) FROM typed "
        "WHERE why IS NULL AND len(blocks) > 0"
    ).fetchone()
    if row is None or row[0] is None:
        return None, ()
    if mapping.format.block_tokens is not None:
        return mapping.format.block_tokens, ()
    size = max(1, math.ceil(row[0]))
    note = plural_text(
        "The size of a prefix block is not stated; {n} token is assumed, the smallest size that fits every prompt.",
        "The size of a prefix block is not stated; {n} tokens are assumed, the smallest size that fits every prompt.",
        n=size,
    )
    return size, (note,)


def list_remarks(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> tuple[Text, ...]:
    """Return remarks on the accepted rows, from `cells` and `typed`."""
    remarks = (
        _describe_disorder(con),
        _describe_duplicates(con, mapping),
        _describe_missing_output(con, mapping),
        _describe_unit(con, mapping, "latency"),
        _describe_unit(con, mapping, "first_token"),
        _describe_unreadable(con, mapping, "latency_ms", ("latency_ms", "latency_s", "latency", "end_time")),
        _describe_statuses(con, mapping),
        _describe_prompts(mapping),
    )
    return tuple(remark for remark in remarks if remark is not None)


def _describe_disorder(con: duckdb.DuckDBPyConnection) -> Text | None:
    rows = fetch_int(
        con,
        'SELECT count(*) FROM (SELECT "at" < lag("at") OVER (ORDER BY row) AS early FROM typed WHERE why IS NULL) '
        "WHERE early",
    )
    if not rows:
        return None
    return plural_text(
        "{n:,} row was out of order; rows are analysed in order of time.",
        "{n:,} rows were out of order; rows are analysed in order of time.",
        n=rows,
    )


def _describe_duplicates(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Text | None:
    if "time" not in mapping.columns or "request_id" in mapping.columns:
        return None
    cells = ", ".join(quote_identifier(field) for field in mapping.columns)
    rows = fetch_int(
        con,
        f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM "
        f'(SELECT count(*) AS n FROM stage WHERE "time" IS NOT NULL GROUP BY hash({cells}) HAVING n > 1)',
    )
    if not rows:
        return None
    return plural_text(
        "{n:,} row duplicates another in every column read; without a request ID it may be genuine, so it is included.",
        "{n:,} rows duplicate others in every column read; without a request ID they may be genuine, so they are "
        "included.",
        n=rows,
    )


def _describe_missing_output(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Text | None:
    if "output_tokens" not in mapping.columns:
        return None
    rows = fetch_int(
        con, "SELECT count(*) FROM cells JOIN typed USING (row) WHERE why IS NULL AND value(output_tokens) IS NULL"
    )
    if not rows:
        return None
    return plural_text(
        "{n:,} failed request has no output token count; 0 is assumed.",
        "{n:,} failed requests have no output token count; 0 is assumed.",
        n=rows,
    )


def _describe_unit(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, field: str) -> Text | None:
    if field not in mapping.columns:
        return None
    if is_in_seconds(con, field):
        return text('"{column}" was read as seconds, based on its median.', column=mapping.columns[field])
    return text('"{column}" was read as milliseconds, based on its median.', column=mapping.columns[field])


def _describe_unreadable(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, column: str, fields: tuple[str, ...]
) -> Text | None:
    read = [f"cells.{quote_identifier(field)}" for field in fields if field in mapping.columns]
    if not read:
        return None
    filled = " OR ".join(f"value({field}) IS NOT NULL" for field in read)
    rows = fetch_int(
        con,
        "SELECT count(*) FROM cells JOIN typed USING (row) "
        f"WHERE why IS NULL AND typed.{column} IS NULL AND ({filled})",
    )
    if not rows:
        return None
    return plural_text(
        "{n:,} row has an unreadable or negative latency, which was ignored.",
        "{n:,} rows have an unreadable or negative latency, which was ignored.",
        n=rows,
    )


def _describe_statuses(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping) -> Text | None:
    if "status" not in mapping.columns:
        return None
    rows = fetch_int(con, "SELECT count(*) FROM cells WHERE value(status) IS NOT NULL AND succeeded(status) IS NULL")
    if not rows:
        return None
    return plural_text(
        "{n:,} row has a status that shows neither success nor failure.",
        "{n:,} rows have a status that shows neither success nor failure.",
        n=rows,
    )


def _describe_prompts(mapping: ColumnMapping) -> Text | None:
    if "prompt" not in mapping.columns or "prompt_hash" in mapping.columns:
        return None
    return text(
        "Prompts were compared by their text only because their parameters are unknown. Only a hash was stored."
    )
