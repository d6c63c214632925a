"""Open and map a file: as it is, or as a table of another shape that was made one with a row a request or sum."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import duckdb

from core.exceptions import BadInput
from core.i18n.text import Text
from workloads.ingest.column_names import Examples
from workloads.ingest.database import fetch_int, quote_literal
from workloads.ingest.detection import FileKind, RawFile
from workloads.ingest.mapping import ColumnMapping
from workloads.ingest.preview import Preview, build_preview
from workloads.ingest.reading.table import FileTable, open_table, open_texts
from workloads.ingest.reshaping.dated_columns import build_by_period
from workloads.ingest.reshaping.long_tables import build_joined
from workloads.ingest.reshaping.outline_headings import build_with_headings
from workloads.ingest.reshaping.reshaped import Reshaped
from workloads.ingest.reshaping.wide_tables import build_unpivoted

_MAX_SHAPES: Final = 3
"""A table may have a column per model, a row per kind of tokens, and headings of teams."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedTable:
    """A file with its table and mapping, and notes on how it was reshaped."""

    raw: RawFile
    table: FileTable
    mapping: ColumnMapping
    notes: tuple[Text, ...] = ()


def open_mapped(
    con: duckdb.DuckDBPyConnection,
    raw: RawFile,
    folder: Path,
    *,
    map_columns: Callable[[FileTable, Examples], ColumnMapping],
    on_preview: Callable[[Preview], None] | None,
) -> OpenedTable:
    """Open and map a file as it is; or, if it has another shape, as a table in the usual one, written to `folder`.

    Raises BadInput with the problem of the file as it is, or as a table with a row per model if it has columns of
    models."""
    notes: tuple[Text, ...] = ()
    problem: BadInput | None = None
    for place in range(_MAX_SHAPES + 1):
        table, examples = _open_shown(con, raw, on_preview)
        mapping = None
        if (shape := build_unpivoted(table, examples)) is None:
            try:
                mapping = map_columns(table, examples)
                shape = build_with_headings(con, table, mapping)
            except BadInput as error:
                problem = problem or error
                shape = build_joined(con, table, examples) or build_by_period(table, examples)
        written = _write(con, table, shape, folder / f"shape{place}.parquet") if shape and place < _MAX_SHAPES else None
        if written is None:
            if mapping is not None:
                return OpenedTable(raw=raw, table=table, mapping=mapping, notes=notes)
            break
        raw, notes = replace(raw, path=written[0], kind=FileKind.PARQUET), (*notes, *written[1])
    if problem is None:  # there are columns of models, and damaged lines
        return OpenedTable(raw=raw, table=table, mapping=map_columns(table, examples), notes=notes)
    raise problem


def _open_shown(
    con: duckdb.DuckDBPyConnection, raw: RawFile, on_preview: Callable[[Preview], None] | None
) -> tuple[FileTable, Examples]:
    table = open_table(con, raw)
    preview = build_preview(con, table)
    if on_preview is not None:
        on_preview(preview)
    return open_texts(table, {column.name: column.examples for column in preview.columns})


def _write(
    con: duckdb.DuckDBPyConnection, table: FileTable, shape: Reshaped, target: Path
) -> tuple[Path, tuple[Text, ...]] | None:
    """Write the table in its new shape. Returns the file and notes; None if lines could not be read, because what is in
    them would be lost."""
    con.execute("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    con.execute(f"COPY ({shape.query}) TO {quote_literal(str(target))} (FORMAT parquet)")
    if table.header_line and fetch_int(con, "SELECT count(*) FROM reject_errors"):
        return None
    before = fetch_int(con, f"SELECT count(*) FROM {table.source}")
    after = fetch_int(con, f"SELECT count(*) FROM read_parquet({quote_literal(str(target))})")
    return target, shape.describe(before, after)
