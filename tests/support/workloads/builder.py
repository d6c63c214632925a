"""Logs for tests: real workload files, from short descriptions of a few requests."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import duckdb

from workloads.analysis.analysis import Analysis
from workloads.analysis.priced_log import PricedLog
from workloads.ingest.database import attach_log, build_columns_ddl, quote_literal, read_source, write_source
from workloads.ingest.schema import REQUEST_COLUMNS, LogSource
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import PriceFile

START = datetime(2026, 6, 1, 12, 0)  # noqa: DTZ001 - the table's clock is naive UTC
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - likewise
NOW = datetime(2026, 11, 1, tzinfo=UTC)

BUCKETS = ("fresh_input", "cache_read", "cache_write", "output")
BLANK: Mapping[str, Any] = MappingProxyType(
    {
        **dict.fromkeys(BUCKETS, 0),
        **dict.fromkeys(
            ("cache_write_1h", "audio_input", "image_input", "audio_read", "audio_output", "image_output"), 0
        ),
        "reasoning": 0,
        "searches": 0,
        "requests": 1,
        "is_sum": False,
    }
)
"""One request without tokens."""

PLAIN = LogSource(
    name="log.csv",
    format="test",
    mapping={},
    guessed=False,
    columns=frozenset(),
    ignored=(),
    rows=0,
    requests=0,
    rejected=(),
    notes=(),
    relative_clock=False,
    block_tokens=None,
    synthetic=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A workload file, and ways into it as the product has them."""

    path: Path

    def connection(self) -> duckdb.DuckDBPyConnection:
        return attach_log(self.path, temp=self.path.parent / "temp")

    def priced_log(self, *, price_file: PriceFile | None = None, **assumptions: Any) -> PricedLog:
        con = self.connection()
        return PricedLog(con, read_source(con), Assumptions(**assumptions), now=NOW, price_file=price_file)

    def analysis(self, *, price_file: PriceFile | None = None, **assumptions: Any) -> Analysis:
        return Analysis(partial(self.priced_log, price_file=price_file, **assumptions), Assumptions(**assumptions))


@dataclass(slots=True, kw_only=True)
class Requests:
    """Requests to be written. What is not said is no token, or NULL; `always` holds for each of them."""

    always: dict[str, Any] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, second: float = 0, **values: Any) -> "Requests":
        """One more request, `second` seconds after START."""
        at = START + timedelta(seconds=second)
        self.rows.append({"row": len(self.rows) + 1, "at": at, **BLANK, **self.always, **values})
        return self

    def _count(self) -> int | None:
        counts = [row["requests"] for row in self.rows]
        return None if None in counts else sum(counts)

    def _list_columns(self) -> frozenset[str]:
        return frozenset(
            name
            for row in self.rows
            for name, value in row.items()
            if value is not None and (name in BUCKETS or value != BLANK.get(name))
        )

    def timeless(self, directory: Path, **source: Any) -> Log:
        """The same as ingest stores it where the file has no time column."""
        rows = [{**row, "at": EPOCH} for row in self.rows]
        columns = self._list_columns() - {"at"}
        return Requests(rows=rows).write(directory, **{"relative_clock": True, "columns": columns, **source})

    def write(self, directory: Path, **source: Any) -> Log:
        """A workload file in `directory`; `source` overrides fields of its Source."""
        path = directory / "workload.duckdb"
        columns = self._list_columns()
        with _get_writer().cursor() as con:
            con.execute(f"ATTACH {quote_literal(str(path))} AS log")
            try:
                con.execute(f"CREATE TABLE log.requests ({build_columns_ddl()})")
                self._insert_rows(con)
                write_source(
                    con,
                    replace(PLAIN, **{"columns": columns, "rows": len(self.rows), "requests": self._count(), **source}),
                )
            finally:
                con.execute("DETACH log")
        return Log(path=path)

    def _insert_rows(self, con: duckdb.DuckDBPyConnection) -> None:
        """Insert all rows with one statement, which takes each column as a list: one for each takes 3 ms."""
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        if not names:
            return
        kinds = [REQUEST_COLUMNS[name].removesuffix(" NOT NULL") for name in names]
        lists = ", ".join(f"unnest(?::{kind}[])" for kind in kinds)
        columns = ", ".join(f'"{name}"' for name in names)
        values = [[_to_parameter(row.get(name)) for row in self.rows] for name in names]
        con.execute(f"INSERT INTO log.requests ({columns}) SELECT {lists}", values)


def _to_parameter(value: object) -> object:
    """Return a decimal as text, because a list's decimals would all get the digits of one of them."""
    return str(value) if isinstance(value, Decimal) else value


@cache
def _get_writer() -> duckdb.DuckDBPyConnection:
    """Return this process's connection for writing logs, because opening one takes 20 ms."""
    return duckdb.connect()
