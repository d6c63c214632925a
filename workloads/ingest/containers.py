"""Take a log out of what it came in: a ZIP archive, a spreadsheet, or a file compressed with zstd, bzip2 or xz.

Gzip is decompressed later, together with the text's encoding. Everything is written within bounds; a container that
crashes its library or needs too much memory ends only the child process that reads it (`workloads.ingest.sandbox`)."""

import bz2
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from errno import EINVAL
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final, cast

import zstandard

from core.exceptions import BadInput
from core.i18n.text import Text, plural_text, text
from workloads.ingest.bounds import Bounds, check_unpacked
from workloads.ingest.spreadsheets import SpreadsheetError, is_spreadsheet, write_sheet

MAX_MEMBERS: Final = 1_000
MAX_LEVELS: Final = 2
"""An archive may hold a compressed file, but not another archive that does."""

_CHUNK_BYTES: Final = 1 << 20
_FIRST_LINE_BYTES: Final = 1 << 16
_ZSTD_BYTES: Final = 1 << 11  # so few at a time, because each four of them may stand for 128 KB
_XZ_MEMORY_BYTES: Final = 256 << 20
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0"

_Chunks = Iterator[bytes]

_DAMAGE = (
    *(EOFError, OSError, lzma.LZMAError, zlib.error, zstandard.ZstdError),
    *(zipfile.BadZipFile, UnicodeDecodeError, SpreadsheetError),
)
"""What the libraries raise for a container that is damaged. An OSError with a number is the system's, not theirs,
except for a place before the file's beginning, as a damaged ZIP archive has."""


def unpack(path: Path, work: Path, bounds: Bounds) -> tuple[Path, tuple[Text, ...]]:
    """Return the log in the file at `path`, itself or a file in the directory `work`, and notes on what was left out.

    Raises BadInput if the container is damaged, encrypted or empty, or unpacks to more than the bounds allow.
    """
    notes: tuple[Text, ...] = ()
    for level in range(MAX_LEVELS) if path.is_file() else ():
        target = work / f"unpacked{level}"
        try:
            unpacker = _find_unpacker(path)
            if unpacker is None:
                break
            notes = (*notes, *unpacker(path, target, bounds))
        except _DAMAGE as error:
            if isinstance(error, OSError) and error.errno not in (None, EINVAL):
                raise
            raise BadInput(text("The file is damaged or encrypted, or was cut off.")) from error
        path = target
    return path, notes


_Unpacker = Callable[[Path, Path, Bounds], tuple[Text, ...]]


def _find_unpacker(path: Path) -> _Unpacker | None:
    """Return what writes the log in a container of that kind, told by its first bytes; None for other files."""
    with path.open("rb") as file:
        magic = file.read(8)
    if magic.startswith((_ZIP, _OLD_OFFICE)):
        return write_sheet if magic.startswith(_OLD_OFFICE) or is_spreadsheet(path) else _unpack_archive
    return next((_build_stream_unpacker(read) for start, read in _STREAMS.items() if magic.startswith(start)), None)


def _build_stream_unpacker(read: Callable[[Path], _Chunks]) -> _Unpacker:
    def unpack_stream(path: Path, target: Path, bounds: Bounds) -> tuple[Text, ...]:
        _write_chunks(read(path), target, bounds)
        return ()

    return unpack_stream


def _read_zstd(path: Path) -> _Chunks:
    """Yield the contents of all frames in the file. The library refuses frames that need more than 128 MB."""
    decoder = None
    with path.open("rb") as file:
        while rest := file.read(_ZSTD_BYTES):
            while rest:
                if decoder is None or decoder.eof:
                    decoder = zstandard.ZstdDecompressor().decompressobj()
                yield decoder.decompress(rest)
                rest = decoder.unused_data
    if decoder is None or not decoder.eof:
        raise EOFError


def _read_bz2(path: Path) -> _Chunks:
    with bz2.open(path, "rb") as file:
        yield from _iter_chunks(cast("BinaryIO", file))


def _read_xz(path: Path) -> _Chunks:
    """Yield the contents of all streams in the file. A stream states how much memory it needs, up to 4 GB."""
    decoder = None
    with path.open("rb") as file:
        for packed in _iter_chunks(file):
            rest = packed
            while rest:
                if decoder is None or decoder.eof:
                    decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)
                yield decoder.decompress(rest, _CHUNK_BYTES)
                while not decoder.eof and not decoder.needs_input:
                    yield decoder.decompress(b"", _CHUNK_BYTES)
                rest = decoder.unused_data.lstrip(b"\0") if decoder.eof else b""
    if decoder is None or not decoder.eof:
        raise EOFError


def _iter_chunks(file: BinaryIO) -> _Chunks:
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk


_STREAMS: Mapping[bytes, Callable[[Path], _Chunks]] = MappingProxyType(
    {b"\x28\xb5\x2f\xfd": _read_zstd, b"BZh": _read_bz2, b"\xfd7zXZ": _read_xz}
)
"""What reads a compressed file, by its first bytes."""


def _unpack_archive(path: Path, target: Path, bounds: Bounds) -> tuple[Text, ...]:
    with zipfile.ZipFile(path) as archive:
        members = _list_logs(archive)
        check_unpacked(sum(member.file_size for member in members), bounds)
        try:
            chosen = _choose_members(archive, members)
            _write_chunks(_join_members(archive, chosen), target, bounds)
        except NotImplementedError as error:
            raise BadInput(
                text("The ZIP archive uses a compression that can't be read. Unpack it, and upload the file in it.")
            ) from error
    return _describe_others(chosen, members)


def _list_logs(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """Return the members that may be logs. Raises BadInput if there is none, or too many, or they are encrypted."""
    if len(archive.infolist()) > MAX_MEMBERS:
        raise BadInput(
            text("The ZIP archive has more than {most:,} files. Upload only those with requests.", most=MAX_MEMBERS)
        )
    members = [member for member in archive.infolist() if _may_be_log(member)]
    if not members:
        raise BadInput(text("The ZIP archive has no file that could be a log."))
    if any(member.flag_bits & 1 for member in members):
        raise BadInput(text("The ZIP archive is encrypted. Unpack it, and upload the file in it."))
    return members


def _may_be_log(member: zipfile.ZipInfo) -> bool:
    is_hidden = Path(member.filename).name.startswith(".") or member.filename.startswith("__MACOSX/")
    return bool(member.file_size) and not member.is_dir() and not is_hidden


def _choose_members(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the largest file, and all others that begin with the same line: they are one table in parts."""
    largest = max(members, key=lambda member: member.file_size)
    first = _read_first_line(archive, largest)
    same = [
        member for member in members if member is largest or _is_same_kind(first, _read_first_line(archive, member))
    ]
    return sorted(same, key=lambda member: member.filename)


def _is_same_kind(one: bytes, other: bytes) -> bool:
    return one == other or (one[:1] == b"{" and other[:1] == b"{")


def _read_first_line(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        return file.readline(_FIRST_LINE_BYTES).strip()


def _join_members(archive: zipfile.ZipFile, members: Sequence[zipfile.ZipInfo]) -> _Chunks:
    """Yield the contents of all members, each of which begins on a line of its own."""
    end = b"\n"
    for member in members:
        if end != b"\n":
            yield b"\n"
        with archive.open(member) as file:
            for chunk in _iter_chunks(cast("BinaryIO", file)):
                end = chunk[-1:]
                yield chunk


def _describe_others(chosen: Sequence[zipfile.ZipInfo], members: Sequence[zipfile.ZipInfo]) -> tuple[Text, ...]:
    others = len(members) - len(chosen)
    if not others:
        return ()
    note = plural_text(
        'Read "{name}" from the archive; {n} other file was left out.',
        'Read "{name}" from the archive; {n} other files were left out.',
        n=others,
        name=chosen[0].filename[:100],
    )
    return (note,)


def _write_chunks(chunks: _Chunks, target: Path, bounds: Bounds) -> None:
    size = 0
    with target.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            check_unpacked(size, bounds)
            file.write(chunk)
