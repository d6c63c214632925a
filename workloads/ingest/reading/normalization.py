"""Make readable copies of files that DuckDB cannot read: other encodings, mixed line endings, stray quotes."""

import codecs
import gzip
import io
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

import duckdb

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.detection import FileKind, RawFile, read_chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class LineEndings:
    """The number of line endings of each kind, including those within cells."""

    windows: int
    unix: int
    old_mac: int

    @property
    def is_uniform(self) -> bool:
        """Whether DuckDB and a program that counts lines agree on the lines."""
        return not self.old_mac and not (self.windows and self.unix)


def count_line_endings(path: Path, *, gzipped: bool) -> LineEndings:
    """Count the line endings of the whole file."""
    windows = feeds = returns = 0
    before = b""
    for chunk in read_chunks(path, gzipped=gzipped):
        windows += chunk.count(b"\r\n") + (before == b"\r" and chunk[:1] == b"\n")
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r")
        before = chunk[-1:]
    return LineEndings(windows=windows, unix=feeds - windows, old_mac=returns - windows)


def to_utf8(raw: RawFile, work: Path) -> RawFile:
    """Return `raw` itself if DuckDB can read it, else a decompressed UTF-8 copy of it in the directory `work`."""
    if raw.encoding in {"", "utf-8"} and not raw.is_gzipped and _has_uniform_endings(raw):
        return raw
    copy = work / "transcript"
    try:
        _write_utf8(raw, copy)
    except UnicodeDecodeError as error:
        words = text("The file is marked as {encoding} but contains invalid characters.", encoding=raw.encoding.upper())
        raise BadInput(words) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(text("The gzip file is damaged or incomplete.")) from error
    return replace(raw, path=copy, encoding="utf-8", is_gzipped=False)


def _has_uniform_endings(raw: RawFile) -> bool:
    return raw.kind is not FileKind.CSV or count_line_endings(raw.path, gzipped=raw.is_gzipped).is_uniform


def _write_utf8(raw: RawFile, copy: Path) -> None:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(raw.encoding)(), raw.kind is FileKind.CSV)
    with copy.open("w", encoding="utf-8", newline="") as target:
        for chunk in read_chunks(raw.path, gzipped=raw.is_gzipped, bounds=raw.bounds):
            target.write(decoder.decode(chunk))
        target.write(decoder.decode(b"", final=True))


MAX_REPAIRS = 8  # a stray quote shows only once the one before it is repaired; rows behind the last are lost
_CELL_MARKS = b'",;\t|'


def find_open_quotes(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Return the byte positions of lines whose unclosed quotation mark swallowed rows in the last scan."""
    rows = con.execute(
        "SELECT DISTINCT line_byte_position FROM reject_errors "
        "WHERE error_type = 'UNQUOTED VALUE' AND contains(csv_line, chr(10)) ORDER BY 1"
    ).fetchall()
    return tuple(start for (start,) in rows)


def copy_without_marks(path: Path, starts: Sequence[int], copy: Path) -> None:
    """Copy the file at `path` without the quotes and separators of the lines that begin at `starts` (ascending)."""
    with path.open("rb") as source, copy.open("wb") as target:
        for start in starts:
            _copy_bytes(source, target, _find_line_start(source, start) - source.tell())
            target.write(source.readline().translate(None, _CELL_MARKS))
        shutil.copyfileobj(source, target)


def _find_line_start(source: BinaryIO, start: int) -> int:
    """Return the actual start of the line: DuckDB reports the position after a quote at its start."""
    position = source.tell()
    source.seek(max(0, start - 1))
    is_quoted = source.read(1) == b'"'
    source.seek(position)
    return start - 1 if is_quoted else start


def _copy_bytes(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length > 0 and (chunk := source.read(min(length, 1 << 20))):
        target.write(chunk)
        length -= len(chunk)
