"""Remarks on how the accepted rows were read, for the user."""

import duckdb

from core.i18n.text import Text, plural_text, text
from workloads.ingest.database import fetch_int
from workloads.ingest.fields import COUNT_FIELDS
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.reading.numbers import DurationUnit, NumberFormat, detect_unit
from workloads.ingest.reading.table import quote_identifier


def list_remarks(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat) -> tuple[Text, ...]:
    """Return remarks on the accepted rows, from `cells` and `typed`."""
    remarks = (
        _describe_disorder(con),
        _describe_duplicates(con, mapping),
        _describe_missing_output(con, mapping, numbers),
        _describe_unit(con, mapping, "latency"),
        _describe_unit(con, mapping, "first_token"),
        _describe_unreadable(con, mapping, "latency_ms", ("latency_ms", "latency_s", "latency", "end_time")),
        _describe_statuses(con, mapping),
        _describe_prompts(mapping),
        *(_describe_counts(con, mapping, numbers, field) for field in COUNT_FIELDS if field in mapping.columns),
    )
    return tuple(remark for remark in remarks if remark is not None)


def _describe_disorder(con: duckdb.DuckDBPyConnection) -> Text | None:
    rows = fetch_int(
        con,
        'SELECT count(*) FROM (SELECT "at" < lag("at") OVER (ORDER BY row) AS early FROM typed_rows WHERE why IS NULL) '
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


def _describe_missing_output(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat
) -> Text | None:
    if "output_tokens" not in mapping.columns:
        return None
    missing = f"{numbers.build_value_sql('output_tokens')} IS NULL"
    if con.execute(f"SELECT 1 FROM stage WHERE {missing} LIMIT 1").fetchone() is None:
        return None
    cells = f"SELECT row FROM cells WHERE {missing}"
    rows = fetch_int(con, f"SELECT count(*) FROM typed_rows SEMI JOIN ({cells}) USING (row) WHERE why IS NULL")
    if not rows:
        return None
    return plural_text(
        "{n:,} request has no output token count; 0 is assumed.",
        "{n:,} requests have no output token count; 0 is assumed.",
        n=rows,
    )


def _describe_unit(con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, field: str) -> Text | None:
    if field not in mapping.columns:
        return None
    column = mapping.columns[field]
    match detect_unit(con, field):
        case DurationUnit.SECONDS:
            return text('"{column}" was read as seconds, based on its median.', column=column)
        case DurationUnit.MILLISECONDS:
            return text('"{column}" was read as milliseconds, based on its median.', column=column)
        case DurationUnit.MICROSECONDS:
            return text('"{column}" was read as microseconds, based on its median.', column=column)
        case DurationUnit.NANOSECONDS:
            return text('"{column}" was read as nanoseconds, based on its median.', column=column)


def _describe_counts(
    con: duckdb.DuckDBPyConnection, mapping: ColumnMapping, numbers: NumberFormat, field: str
) -> Text | None:
    column = mapping.columns[field]
    if (unit := mapping.get_unit(field)) > 1:
        return text('"{column}" was read in units of {unit:,}, by its name.', column=column, unit=unit)
    if not numbers.is_abbreviated or field in numbers.plain:
        return None
    found = con.execute(f"SELECT arg_min({field}, row) FROM cells WHERE abbreviated({field}) IS NOT NULL").fetchone()
    if found is None or found[0] is None:
        return None
    return text('"{column}" is rounded ("{cell}"), so its sums are, too.', column=column, cell=found[0][:20])


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
    rows = fetch_int(
        con,
        """SELECT coalesce(sum(rows), 0) FROM (SELECT status, count(*) AS rows FROM stage GROUP BY status)
        WHERE value(status) IS NOT NULL AND succeeded(status) IS NULL""",
    )
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
