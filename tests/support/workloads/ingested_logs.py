"""Ingest a log, and look at what was read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from workloads.ingest.database import quote_literal
from workloads.ingest.pipeline import ingest_file
from workloads.ingest.schema import LogSource


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestedLog:
    source: LogSource
    out: Path

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        con = open_reader()
        con.execute(f"ATTACH {quote_literal(str(self.out))} AS log (READ_ONLY)")
        try:
            return con.execute(sql).fetchall()
        finally:
            con.execute("DETACH log")

    def column(self, name: str) -> list[Any]:
        """One column of the table, in the order of the file it came from."""
        return [value for (value,) in self.query(f'SELECT "{name}" FROM log.requests ORDER BY row')]

    @property
    def notes(self) -> str:
        return "\n".join(self.source.notes)


@cache
def open_reader() -> duckdb.DuckDBPyConnection:
    """The instance that reads the logs of all tests: to start one takes longer than to read a small log."""
    con = duckdb.connect(":memory:")
    con.execute("SET TimeZone = 'UTC'")
    return con


def ingest_log(
    tmp_path: Path,
    content: str | bytes,
    *,
    name: str = "log.csv",
    format: str | None = None,
    mapping: Mapping[str, str] | None = None,
) -> IngestedLog:
    """Write `content` to a file of that name and ingest it."""
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return bring_file(tmp_path, path, format=format, mapping=mapping)


def bring_file(
    tmp_path: Path, path: Path, *, format: str | None = None, mapping: Mapping[str, str] | None = None
) -> IngestedLog:
    out = tmp_path / "log.duckdb"
    source = ingest_file(path, out, format=format, mapping=mapping or {}, name=path.name)
    return IngestedLog(source=source, out=out)


def utc(*parts: int) -> datetime:
    """A moment as DuckDB gives a TIMESTAMP: in UTC and not saying so."""
    year, month, day, hour, minute, second, micro = (*parts, *[0] * (7 - len(parts)))
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC).replace(tzinfo=None)
