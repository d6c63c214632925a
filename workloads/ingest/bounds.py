"""Bounds on the contents of a log, checked before it is unpacked, because a small file can unpack to a huge one."""

import os
import struct
from dataclasses import dataclass
from pathlib import Path

import duckdb

from core.exceptions import BadInput
from core.i18n.text import plural_text, text

_CELL_BYTES = 16  # bytes that any cell takes in memory
_MAX_FOOTER_BYTES = 16 << 20  # bytes of a Parquet file's metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds on one log. `unpacked`: bytes of text or cells that its file may unpack to; `line`: bytes of one line."""

    rows: int = 20_000_000
    columns: int = 2_000
    unpacked: int = 8 << 30
    line: int = 8 << 20


DEFAULT_BOUNDS = Bounds()


def check_columns(columns: int, bounds: Bounds) -> None:
    if columns > bounds.columns:
        raise BadInput(
            text(
                "The file has more than {most:,} columns. Upload only the columns that describe requests.",
                most=bounds.columns,
            )
        )


def check_rows(rows: int, bounds: Bounds) -> None:
    if rows > bounds.rows:
        raise BadInput(
            plural_text(
                "The file has {n:,} row; the limit is {most:,}. Upload part of it.",
                "The file has {n:,} rows; the limit is {most:,}. Upload part of it.",
                n=rows,
                most=bounds.rows,
            )
        )


def check_unpacked(size: int, bounds: Bounds) -> None:
    if size > bounds.unpacked:
        raise BadInput(
            text(
                "The file takes more than {most:,} MB when decompressed. Upload part of it.",
                most=bounds.unpacked >> 20,
            )
        )


def check_parquet(con: duckdb.DuckDBPyConnection, source: str, path: Path, bounds: Bounds) -> None:
    """Raise BadInput if a Parquet file's metadata exceeds the bounds, before any of its data is read."""
    if _read_footer_length(path) > _MAX_FOOTER_BYTES:
        raise BadInput(text("The file's metadata is too large for a usage log."))
    (columns,) = con.execute(f"SELECT count(*) FROM parquet_schema({source})").fetchall()[0]
    check_columns(columns - 1, bounds)  # one is the root
    check_rows(count_parquet_rows(con, source), bounds)
    (pages,) = con.execute(
        f"SELECT coalesce(sum(total_uncompressed_size), 0) FROM parquet_metadata({source})"
    ).fetchall()[0]
    check_unpacked(int(pages), bounds)


def count_parquet_rows(con: duckdb.DuckDBPyConnection, source: str) -> int:
    """Return the number of rows in the file's metadata: in total or summed over row groups, whichever is more."""
    (rows,) = con.execute(f"SELECT sum(num_rows) FROM parquet_file_metadata({source})").fetchall()[0]
    (in_groups,) = con.execute(
        f"SELECT coalesce(sum(row_group_num_rows) FILTER (column_id = 0), 0) FROM parquet_metadata({source})"
    ).fetchall()[0]
    return max(int(rows), int(in_groups))


def check_cells(rows: int, columns: int, bounds: Bounds) -> None:
    """Raise BadInput if the cells to read take too much memory, however small each of them is."""
    check_unpacked(rows * columns * _CELL_BYTES, bounds)


def _read_footer_length(path: Path) -> int:
    """Return the length of a Parquet file's metadata; 0 if the file does not end with a Parquet footer."""
    with path.open("rb") as file:
        file.seek(-min(8, file.seek(0, os.SEEK_END)), os.SEEK_END)
        end = file.read()
    length: int = struct.unpack("<I", end[:4])[0] if end.endswith(b"PAR1") else 0
    return length
