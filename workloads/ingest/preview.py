"""A preview of a file: its columns with a few of their values, from which a user chooses a mapping.

It is built in the process that reads the file (sandbox_child), never in a server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.json_data import to_storable
from workloads.ingest.reading.table import FileTable

MAX_COLUMNS = 200
MAX_NAME_LENGTH = 200  # nobody chooses a longer name from a list
MAX_EXAMPLE_LENGTH = 80
MAX_EXAMPLES = 3
_SAMPLED_ROWS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewColumn:
    """A column by its name in the file, with its first three different values, each cut to 80 characters."""

    name: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    columns: tuple[PreviewColumn, ...]


def build_preview(con: duckdb.DuckDBPyConnection, table: FileTable) -> Preview:
    """Return the first columns of `table`: the file's own, then paths into JSON values."""
    names = [name for name in table.columns if len(name) <= MAX_NAME_LENGTH][:MAX_COLUMNS]
    rows = _read_rows(con, table, names)
    return Preview(
        columns=tuple(
            PreviewColumn(name=to_storable(name), examples=_select_examples([row[place] for row in rows]))
            for place, name in enumerate(names)
        )
    )


def preview_from_json(data: Mapping[str, Any]) -> Preview:
    """Return the preview from JSON data."""
    return Preview(
        columns=tuple(
            PreviewColumn(name=column["name"], examples=tuple(column["examples"])) for column in data["columns"]
        )
    )


def _read_rows(con: duckdb.DuckDBPyConnection, table: FileTable, names: Sequence[str]) -> list[tuple[str | None, ...]]:
    if not names:
        return []
    wanted = {f"c{place}": name for place, name in enumerate(names)}
    cut = ", ".join(f"left({cell}, {MAX_EXAMPLE_LENGTH}) AS {cell}" for cell in wanted)
    try:
        return con.execute(f"SELECT {cut} FROM ({table.build_query(wanted)}) LIMIT {_SAMPLED_ROWS}").fetchall()
    except duckdb.Error:
        return []  # the columns are useful on their own; reading the rows will report the error


def _select_examples(values: Sequence[str | None]) -> tuple[str, ...]:
    different = dict.fromkeys(to_storable(value).strip() for value in values if value is not None)
    return tuple(value for value in different if value)[:MAX_EXAMPLES]
