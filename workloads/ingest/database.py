"""A workload's own DuckDB file: written once by ingest, opened read-only by everything after it."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from netra.core.exceptions import BadInput
from netra.language.saying import kept
from netra.language.text import revived, text
from workloads.schema import REQUESTS, Rejection, Source

Setting = str | int


def columns_ddl(columns: Mapping[str, str] = REQUESTS) -> str:
    """The column list of a CREATE TABLE, in the mapping's order."""
    return ", ".join(f'"{name}" {kind}' for name, kind in columns.items())


def quoted(words: str) -> str:
    """`words` as an SQL string literal. ATTACH and SET take no parameters."""
    return "'" + words.replace("'", "''") + "'"


def settings(temp: Path, *, memory: str, threads: int, scratch: int | None = None) -> dict[str, Setting]:
    """DuckDB's settings for any connection of ours; nothing is ever fetched or loaded from outside."""
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
    """A fresh in-memory instance that spills into `temp`, which is made if need be, at most `scratch` bytes."""
    temp.mkdir(parents=True, exist_ok=True)
    con = duckdb.connect(":memory:")
    for name, value in settings(temp, memory=memory, threads=threads, scratch=scratch).items():
        con.execute(f"SET {name} = {quoted(str(value))}")
    return con


def lock(con: duckdb.DuckDBPyConnection) -> None:
    """From here on `con` reaches only what is attached and its own temp directory, for good."""
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


def attach(
    path: Path, *, temp: Path, memory: str = "256MB", threads: int = 2, scratch: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A connection that sees the workload file at `path`, read-only, as `log` (so: `log.requests`).

    `temp` is this connection's own directory: TEMP tables spill there, so no two connections may share one.
    The instance is the connection's own too, so two runs can read one file at the same time. Close it after use.
    Raises BadInput if the file is not a workload of ours, or not whole.
    """
    con = connect(temp, memory=memory, threads=threads, scratch=scratch)
    try:
        con.execute(f"ATTACH {quoted(str(path))} AS log (READ_ONLY)")
        lock(con)
        con.execute("SELECT 1 FROM log.requests, log.source LIMIT 0")
    except (duckdb.IOException, duckdb.CatalogException, duckdb.SerializationException) as error:
        con.close()
        raise BadInput(text("This workload's stored file is missing or damaged: bring the log in again.")) from error
    return con


def write_source(con: duckdb.DuckDBPyConnection, source: Source) -> None:
    """Replace the one row of the table `source` in the attached, writable database `log`."""
    con.execute("CREATE OR REPLACE TABLE log.source (json VARCHAR NOT NULL)")
    con.execute("INSERT INTO log.source VALUES (?)", [json.dumps(source_data(source))])


def read_source(con: duckdb.DuckDBPyConnection) -> Source:
    """The Source that ingest stored in the database attached as `log`."""
    row = con.execute("SELECT json FROM log.source").fetchone()
    if row is None:
        raise BadInput(text("This workload's stored file is damaged: bring the log in again."))
    return source_from(json.loads(row[0]))


def source_data(source: Source) -> dict[str, Any]:
    """A Source in a form that JSON can hold."""
    values = {field.name: getattr(source, field.name) for field in fields(source)}
    values["mapping"] = dict(source.mapping)
    values["columns"] = sorted(source.columns)
    values["notes"], values["rejected"] = kept(source.notes), kept(source.rejected)
    return values


def source_from(data: Mapping[str, Any]) -> Source:
    """A Source from what `source_data` made of it."""
    values = dict(data)
    values["mapping"] = MappingProxyType(dict(data["mapping"]))
    values["columns"] = frozenset(data["columns"])
    values["ignored"] = tuple(data["ignored"])
    values["notes"] = tuple(map(revived, data["notes"]))
    values["rejected"] = tuple(
        Rejection(why=revived(one["why"]), rows=one["rows"], examples=tuple(one["examples"]))
        for one in data["rejected"]
    )
    return Source(**values)
