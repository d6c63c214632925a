"""Detect a file's table kind, compression and encoding from its bytes, never from its name, and choose its format."""

import codecs
import gzip
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, cast

from core.exceptions import BadInput
from core.i18n.text import Text, text
from workloads.ingest.bounds import DEFAULT_BOUNDS, Bounds, check_unpacked
from workloads.ingest.column_names import ColumnNames, Examples
from workloads.ingest.formats.base import Format
from workloads.ingest.formats.registry import FORMATS
from workloads.ingest.refusals import FOREIGN_BEGINNINGS, explain_foreign_text

_CHUNK_BYTES = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_NESTED = text("The file is compressed more than once. Decompress it, and upload the log itself.")
_FOREIGN_KINDS: Mapping[bytes, Text] = MappingProxyType(
    {
        **FOREIGN_BEGINNINGS,
        **dict.fromkeys((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\x28\xb5\x2f\xfd", b"BZh", b"\xfd7zXZ"), _NESTED),
    }
)
"""Answers to files that are no logs, by their first bytes; containers were unpacked before."""


class FileKind(StrEnum):
    CSV = "CSV"
    JSON = "JSON"
    PARQUET = "Parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawFile:
    """A file to read. `encoding` is the name of a Python codec, "" for Parquet."""

    path: Path
    kind: FileKind
    encoding: str
    is_gzipped: bool
    bounds: Bounds = DEFAULT_BOUNDS


def examine_file(path: Path, bounds: Bounds = DEFAULT_BOUNDS) -> RawFile:
    """Detect the kind of the file at `path`. Raises BadInput if it is missing, empty, unreadable or not supported."""
    try:
        with path.open("rb") as file:
            magic = file.read(16)
        if magic.startswith(b"PAR1"):
            return RawFile(path=path, kind=FileKind.PARQUET, encoding="", is_gzipped=False, bounds=bounds)
        gzipped = magic.startswith(b"\x1f\x8b")
        return _examine_text(path, gzipped=gzipped, bounds=bounds)
    except FileNotFoundError as error:
        raise BadInput(text("File not found.")) from error
    except IsADirectoryError as error:
        raise BadInput(text("This is a directory. Choose a single file.")) from error
    except PermissionError as error:
        raise BadInput(text("The file can't be read: permission denied.")) from error
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadInput(text("The gzip file is damaged or incomplete.")) from error


def open_decompressed(path: Path, *, gzipped: bool) -> BinaryIO:
    """Open the file, decompressed if necessary."""
    return cast("BinaryIO", gzip.open(path, "rb")) if gzipped else path.open("rb")


def choose_format(columns: Sequence[str], name: str | None, examples: Examples = MappingProxyType({})) -> Format:
    """Return the format called `name`, or the one that fits the columns and examples of their values best.

    Raises BadInput for an unknown name."""
    if name is None:
        names = ColumnNames.from_columns(columns)
        best = max(FORMATS.values(), key=lambda form: form.score(names, examples))
        return best if best.score(names, examples) else FORMATS["tabular"]
    if name not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadInput(text('Unknown format "{name}". The formats are: {formats}.', name=name, formats=known))
    return FORMATS[name]


def _examine_text(path: Path, *, gzipped: bool, bounds: Bounds) -> RawFile:
    with open_decompressed(path, gzipped=gzipped) as file:
        head = file.read(1 << 16)
    _refuse_foreign(head)
    encoding = _detect_encoding(path, head, gzipped=gzipped, bounds=bounds)
    start = head.decode("latin-1" if encoding == "latin-1" else encoding, errors="ignore").lstrip()
    if not start:
        raise BadInput(text("The file is empty."))
    kind = FileKind.JSON if start[0] in "{[" else FileKind.CSV
    if (problem := explain_foreign_text(start)) is not None:
        raise BadInput(problem)
    return RawFile(path=path, kind=kind, encoding=encoding, is_gzipped=gzipped, bounds=bounds)


def _refuse_foreign(head: bytes) -> None:
    for magic, what in _FOREIGN_KINDS.items():
        if head.startswith(magic):
            raise BadInput(what)
    if b"\0" in head and not head.startswith(_UTF16_MARKS):
        raise BadInput(text("This is a binary file, not a table. Upload CSV, JSON, Parquet or a workbook."))


def _detect_encoding(path: Path, head: bytes, *, gzipped: bool, bounds: Bounds) -> str:
    if head.startswith(_UTF16_MARKS):
        return "utf-16"
    if not _is_utf8(path, gzipped=gzipped, bounds=bounds):
        return "latin-1"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"


def _is_utf8(path: Path, *, gzipped: bool, bounds: Bounds) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in read_chunks(path, gzipped=gzipped, bounds=bounds):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def read_chunks(path: Path, *, gzipped: bool, bounds: Bounds = DEFAULT_BOUNDS) -> Iterator[bytes]:
    """Yield the file's bytes in chunks of 1 MB, decompressed if necessary. Raises BadInput once they are too many."""
    size = 0
    with open_decompressed(path, gzipped=gzipped) as file:
        while chunk := file.read(_CHUNK_BYTES):
            size += len(chunk)
            if gzipped:
                check_unpacked(size, bounds)
            yield chunk
