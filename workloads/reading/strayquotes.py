"""A quotation mark that nobody closes: to a reader of CSV all that follows it is one cell, however many rows that is.

The line that it stands in is made one that is no row, so that it alone is left out, and the file read once more.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import duckdb

# A mark is seen once the one before it is mended; a file with more of them than this is read as far as it goes.
MOST_TIMES = 8
_MARKS = b'",;\t|'


def swallowing(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Where the lines begin, in bytes, whose open quotation mark took rows along; of the scan that was the last."""
    found = con.execute(
        "SELECT DISTINCT line_byte_position FROM reject_errors "
        "WHERE error_type = 'UNQUOTED VALUE' AND contains(csv_line, chr(10)) ORDER BY 1"
    ).fetchall()
    return tuple(start for (start,) in found)


def without(path: Path, starts: Sequence[int], copy: Path) -> None:
    """Write to `copy` the file at `path`, the lines that begin at `starts` (ascending) as text without cells."""
    with path.open("rb") as source, copy.open("wb") as target:
        for start in starts:
            _pass_on(source, target, _begin(source, start) - source.tell())
            target.write(source.readline().translate(None, _MARKS))
        shutil.copyfileobj(source, target)


def _begin(source: BinaryIO, start: int) -> int:
    """DuckDB names the place behind a mark that a line begins with."""
    here = source.tell()
    source.seek(max(0, start - 1))
    marked = source.read(1) == b'"'
    source.seek(here)
    return start - 1 if marked else start


def _pass_on(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length > 0 and (chunk := source.read(min(length, 1 << 20))):
        target.write(chunk)
        length -= len(chunk)
