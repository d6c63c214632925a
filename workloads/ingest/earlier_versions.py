"""Logs that an earlier version of Netra read: the columns that it did not store are added, with neutral values."""

import json
from typing import Any, Final

import duckdb

from core.i18n.text import text, to_json
from workloads.ingest.schema import REQUEST_COLUMNS
from workloads.ingest.summed_rows import has_request_count, looks_summed

_STORED_LESS = text(
    "An earlier version of Netra read this log and stored less of each row. Read it again to get all figures."
)
_COLUMNS_SQL: Final = "SELECT column_name FROM duckdb_columns() WHERE database_name = 'log' AND table_name = 'requests'"


def list_missing_columns(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return which of REQUEST_COLUMNS the table `log.requests` lacks; none if there is no such table."""
    stored = {name for (name,) in con.execute(_COLUMNS_SQL).fetchall()}
    return tuple(name for name in REQUEST_COLUMNS if name not in stored) if stored else ()


def create_views(con: duckdb.DuckDBPyConnection, missing: tuple[str, ...]) -> None:
    """Create `log.requests` and `log.source` in the empty, writable database `log`, from those of `stored`.

    Rows are one request each unless names or contents show that they are sums, as for a log that is read today.
    """
    row = con.execute("SELECT json FROM stored.source").fetchone()
    con.execute("CREATE TABLE log.source (json VARCHAR NOT NULL)")
    source = {} if row is None else json.loads(row[0])
    is_sum = _is_summed(con, source, missing)
    con.execute(f"CREATE VIEW log.requests AS {_build_select(missing, is_sum=is_sum)}")
    if row is not None:
        con.execute("INSERT INTO log.source VALUES (?)", [json.dumps(_adapt_source(source, is_sum=is_sum))])


def _is_summed(con: duckdb.DuckDBPyConnection, source: dict[str, Any], missing: tuple[str, ...]) -> bool:
    columns = (*source.get("ignored", ()), *source.get("mapping", {}).values())
    single = f"({_build_select(missing, is_sum=False)})"
    return has_request_count(columns) or looks_summed(con, single, has_times="at" in source.get("columns", ()))


def _build_select(missing: tuple[str, ...], *, is_sum: bool) -> str:
    known = {"requests": "NULL" if is_sum else "1", "is_sum": "true" if is_sum else "false"}
    added = ", ".join(
        f"({known.get(name) or ('0' if kind.endswith('NOT NULL') else 'NULL')})::{kind.removesuffix(' NOT NULL')} "
        f'AS "{name}"'
        for name, kind in REQUEST_COLUMNS.items()
        if name in missing
    )
    return f"SELECT *, {added} FROM stored.requests"


def _adapt_source(source: dict[str, Any], *, is_sum: bool) -> dict[str, Any]:
    return source | {
        "requests": None if is_sum else source["rows"],
        "columns": sorted({*source["columns"], *(["is_sum"] if is_sum else [])}),
        "notes": [*source["notes"], *to_json((_STORED_LESS,))],
    }
