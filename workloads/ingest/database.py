"""A log's DuckDB file: written once by ingest, opened read-only by everything after it.

A file that an earlier version wrote looks like one of today's: the columns that were not stored then are added to it as
views, with neutral values."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import duckdb

from core.exceptions import BadInput, StorageFull
from core.files import is_os_disk_full
from core.i18n.text import from_json, text, to_json
from workloads.ingest.schema import REQUEST_COLUMNS, LogSource, Rejection, UnreadColumn
from workloads.ingest.summed_rows import has_request_count, looks_summed

SettingValue = str | int

DISK_FULL_PHRASES = (
    "No space left on device",
    "File too large",
    "Could not write all bytes",
    "max_temp_directory_size",
)
"""Phrases in DuckDB's errors when the disk is full; there is no exception class for it."""


def is_duckdb_disk_full(error: Exception) -> bool:
    return any(phrase in str(error) for phrase in DISK_FULL_PHRASES)


def build_columns_ddl(columns: Mapping[str, str] = REQUEST_COLUMNS) -> str:
    """Return the column list of a CREATE TABLE, in the mapping's order."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def quote_literal(words: str) -> str:
    """Return `words` as an SQL string literal, for ATTACH and SET, which take no parameters."""
    return "'" + words.replace("'", "''") + "'"


def build_settings(temp: Path, *, memory: str, threads: int, scratch: int | None = None) -> dict[str, SettingValue]:
    """Return the settings of every connection; extensions are never downloaded or loaded."""
    return {
        "memory_limit": memory,
        "threads": threads,
        "temp_directory": str(temp),
        **({} if scratch is None else {"max_temp_directory_size": f"{scratch} bytes"}),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "TimeZone": "UTC",
    }


def connect(temp: Path, *, memory: str, threads: int, scratch: int | None = None) -> duckdb.DuckDBPyConnection:
    """Open a new in-memory instance that spills at most `scratch` bytes into `temp`, which is created if necessary."""
    temp.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(":memory:")
    for name, value in build_settings(temp, memory=memory, threads=threads, scratch=scratch).items():
        con.execute(f"SET {name} = {quote_literal(str(value))}")
    return con


def fetch_int(con: duckdb.DuckDBPyConnection, query: str) -> int:
    """Return the only value of a query that counts."""
    row = con.execute(query).fetchone()
    return int(row[0]) if row else 0


def lock_down(con: duckdb.DuckDBPyConnection) -> None:
    """Restrict `con` permanently to the attached databases and its own temp directory."""
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def attach_log(
    path: Path, *, temp: Path, memory: str = "256MB", threads: int = 2, scratch: int | None = None
) -> duckdb.DuckDBPyConnection:
    """Open a connection with the workload file at `path` attached, read-only, as `log` (so: `log.requests`).

    `temp` is this connection's own directory: TEMP tables spill there, so no two connections may share one. Each
    connection is an instance of its own, so two runs can read one file at the same time. Close it after use.
    A file that an earlier version wrote looks like one of today's. Raises BadInput if the file is missing, incomplete
    or not a workload.
    """
    con = connect(temp, memory=memory, threads=threads, scratch=scratch)
    try:
        con.execute(f"ATTACH {quote_literal(str(path))} AS log (READ_ONLY)")
        missing = list_missing_columns(con)
        if missing:
            con.execute("DETACH log")
            con.execute(f"ATTACH {quote_literal(str(path))} AS stored (READ_ONLY)")
            con.execute("ATTACH ':memory:' AS log")
        lock_down(con)
        if missing:
            create_views(con, missing)
        con.execute("SELECT 1 FROM log.requests, log.source LIMIT 0")
    except (duckdb.IOException, duckdb.CatalogException, duckdb.SerializationException) as error:
        con.close()
        raise BadInput(text("The stored data of this log is missing or damaged. Upload the log again.")) from error
    return con


def write_source(con: duckdb.DuckDBPyConnection, source: LogSource) -> None:
    """Replace the one row of the table `source` in the attached, writable database `log`."""
    con.execute("CREATE OR REPLACE TABLE log.source (json VARCHAR NOT NULL)")
    con.execute("INSERT INTO log.source VALUES (?)", [json.dumps(source_to_json(source))])


def read_source(con: duckdb.DuckDBPyConnection) -> LogSource:
    """Return the LogSource that ingest stored in the database attached as `log`."""
    row = con.execute("SELECT json FROM log.source").fetchone()
    if row is None:
        raise BadInput(text("The stored data of this log is damaged. Upload the log again."))
    return source_from_json(json.loads(row[0]))


def source_to_json(source: LogSource) -> dict[str, Any]:
    """Return the source as JSON data."""
    values = {field.name: getattr(source, field.name) for field in fields(source)}
    values["mapping"] = dict(source.mapping)
    values["columns"] = sorted(source.columns)
    values["unread"] = [asdict(column) for column in source.unread]
    values["notes"], values["rejected"] = to_json(source.notes), to_json(source.rejected)
    return values


def source_from_json(data: Mapping[str, Any]) -> LogSource:
    """Return the source that `source_to_json` wrote."""
    values = {"requests": data["rows"], **data}  # an earlier version did not count them
    values["mapping"] = MappingProxyType(dict(data["mapping"]))
    values["columns"] = frozenset(data["columns"])
    values["ignored"] = tuple(data["ignored"])
    values["kept"] = tuple(data.get("kept", ()))
    values["unread"] = tuple(UnreadColumn(**column) for column in data.get("unread", ()))
    values["notes"] = tuple(map(from_json, data["notes"]))
    values["rejected"] = tuple(
        Rejection(why=from_json(rejection["why"]), rows=rejection["rows"], examples=tuple(rejection["examples"]))
        for rejection in data["rejected"]
    )
    return LogSource(**values)


_STORED_LESS = text(
    "An earlier version of Netra read this log and stored less of each row. Read it again to get all figures."
)
_COLUMNS_SQL: Final = "SELECT * FROM log.requests LIMIT 0"
"""A statement whose result has the table's columns, because DuckDB's own list of columns takes 15 ms to read."""


def list_missing_columns(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return which of REQUEST_COLUMNS the table `log.requests` lacks. Raises duckdb.CatalogException without one."""
    stored = {name for name, *_ in con.execute(_COLUMNS_SQL).description or ()}
    return tuple(name for name in REQUEST_COLUMNS if name not in stored)


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


@contextmanager
def translate_errors(name: str) -> Iterator[None]:
    """Turn errors of DuckDB and of the disk into errors for the user. A bug in our own SQL is raised as it is."""
    try:
        yield
    except (
        duckdb.ParserException,
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.OutOfMemoryException,
    ) as error:
        if is_duckdb_disk_full(error):  # it spilled as much as allowed
            raise StorageFull(text('"{name}" could not be stored because the disk is full.', name=name)) from error
        raise
    except BadInput as error:
        words = text('"{name}": {problem}', name=name, problem=error.message)
        raise BadInput(words, in_terminal=error.in_terminal) from error
    except (duckdb.Error, OSError) as error:
        if isinstance(error, OSError) and not is_os_disk_full(error):
            raise
        if isinstance(error, OSError) or is_duckdb_disk_full(error):
            raise StorageFull(text('"{name}" could not be stored because the disk is full.', name=name)) from error
        detail = re.sub(r"(?<!\w)[\"']?/[^\s\"']+[\"']?", "the file", str(error).partition("\n")[0])[:300]
        words = text(
            '"{name}" could not be read. It may be damaged, incomplete or in another format ({detail}).',
            name=name,
            detail=detail,
        )
        raise BadInput(words) from error
