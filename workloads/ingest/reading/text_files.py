"""Text files as people have them: other encodings, mixed line endings, stray quotes, and lines above a CSV's header.

Files that DuckDB cannot read are copied in a form that it can. Exports put titles, a period or Excel's `sep=` above the
line that names the columns."""

import codecs
import csv
import gzip
import io
import re
import shutil
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final, TextIO

import duckdb

from core.exceptions import BadInput
from core.i18n.text import text
from workloads.ingest.column_names import add_unit
from workloads.ingest.detection import FileKind, RawFile, read_chunks
from workloads.ingest.reading.header_lines import is_number, name_columns

MAX_REPAIRS = 8  # a stray quote shows only once the one before it is repaired; rows behind the last are lost
_CELL_MARKS = b'",;\t|'

MAX_LINE_LENGTH: Final = 1 << 20
_SAMPLED_LINES: Final = 40
_MAX_TITLE: Final = 200
_SEPARATORS: Final = ",;\t|"
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?')


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


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvHeader:
    """The names of the columns, with the unit that a title states for tokens; their separator; and how many lines stand
    above the line that names them."""

    names: tuple[str, ...]
    separator: str
    skipped: int


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


def read_header(path: Path) -> CsvHeader:
    """Return the header of the UTF-8 file at `path`. Raises BadInput if none of its first lines can be one."""
    with path.open(encoding="utf-8", newline="") as file:
        return find_header(_read_lines(file))


def find_header(lines: Sequence[str]) -> CsvHeader:
    """Return the header among the first lines of a file. Raises BadInput if none of them can be one."""
    declared = _SEPARATOR_LINE.fullmatch(lines[0]) if lines else None
    first = 1 if declared else 0
    separator = declared[1] if declared else _choose_separator(lines)
    records = [_split_cells(line, separator) for line in lines]
    place = _find_header(records, first)
    if place is None:
        raise BadInput(text("The file's first line is empty. It must name the columns."))
    titles = "\n".join(line[:_MAX_TITLE] for line in lines[first:place])
    names, further = name_columns(records[first:], place - first)
    return CsvHeader(
        names=tuple(add_unit(name, titles) for name in names), separator=separator, skipped=place + further
    )


def _read_lines(file: TextIO) -> list[str]:
    """Return the first lines, without what is too much of a long one."""
    lines: list[str] = []
    while len(lines) < _SAMPLED_LINES and (line := file.readline(MAX_LINE_LENGTH)):
        if len(line) == MAX_LINE_LENGTH and not lines:
            raise BadInput(
                text("The file's first line is longer than a million characters, so this is not a CSV with a header.")
            )
        lines.append(line.strip("\r\n"))
        while len(line) == MAX_LINE_LENGTH and not line.endswith("\n"):
            line = file.readline(MAX_LINE_LENGTH)
    return lines


def _choose_separator(lines: Sequence[str]) -> str:
    """Return the separator that most lines have, and have most often."""
    sample = [line for line in lines if line.strip()]
    return max(
        _SEPARATORS, key=lambda each: (sum(each in line for line in sample), sum(line.count(each) for line in sample))
    )


def _split_cells(line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:  # a cell that goes on in the next line
        return line.split(separator)


def _find_header(records: list[list[str]], first: int) -> int | None:
    """Return the first line as wide as most lines that holds words; else the first that is not empty."""
    widths = Counter(len(record) for record in records[first:] if len(record) > 1)
    width = widths.most_common(1)[0][0] if widths else 1
    filled = [place for place, record in enumerate(records) if place >= first and any(cell.strip() for cell in record)]
    wide = (place for place in filled if len(records[place]) >= width and _is_wordy(records[place]))
    return next(wide, filled[0] if filled else None)


def _is_wordy(record: list[str]) -> bool:
    cells = [cell for cell in record if cell.strip()]
    return len(cells) * 2 > len(record) and not any(map(is_number, cells))
