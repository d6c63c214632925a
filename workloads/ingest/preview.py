"""What a file looks like before it is read: its columns with a few of their values, to choose a mapping by.

Made in the process that reads the file (workloads.sandboxed), never in a server's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from netra.core.jsonable import storable
from workloads.reading.table import Table

MOST_COLUMNS = 200
LONGEST_NAME = 200  # a longer one is no name that anybody chooses from a list
LONGEST_EXAMPLE = 80
MOST_EXAMPLES = 3
_ROWS = 100  # looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column as the file calls it and up to three different values, the first found, each cut to 80 characters."""

    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    columns: tuple[Column, ...]


def preview(con: duckdb.DuckDBPyConnection, table: Table) -> Preview:
    """The first columns of `table`, the file's own before places inside JSON values."""
    names = [name for name in table.columns if len(name) <= LONGEST_NAME][:MOST_COLUMNS]
    rows = _rows(con, table, names)
    return Preview(
        columns=tuple(
            Column(name=storable(name), examples=_examples([row[place] for row in rows]))
            for place, name in enumerate(names)
        )
    )


def preview_from(data: Mapping[str, Any]) -> Preview:
    """A Preview from its form in JSON."""
    return Preview(columns=tuple(Column(name=one["name"], examples=tuple(one["examples"])) for one in data["columns"]))


def _rows(con: duckdb.DuckDBPyConnection, table: Table, names: Sequence[str]) -> list[tuple[str | None, ...]]:
    if not names:
        return []
    wanted = {f"c{place}": name for place, name in enumerate(names)}
    cut = ", ".join(f"left({cell}, {LONGEST_EXAMPLE}) AS {cell}" for cell in wanted)
    try:
        return con.execute(f"SELECT {cut} FROM ({table.query(wanted)}) LIMIT {_ROWS}").fetchall()
    except duckdb.Error:
        return []  # columns alone are worth showing; what is wrong with the rows is told by reading them


def _examples(values: Sequence[str | None]) -> tuple[str, ...]:
    different = dict.fromkeys(storable(value).strip() for value in values if value is not None)
    return tuple(value for value in different if value)[:MOST_EXAMPLES]
