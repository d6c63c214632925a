"""The parts of an upload: those that do not fit, and the bytes on disk, written one part at a time and discarded unless
they are synced."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.exceptions import BadInput, Conflict
from core.i18n.text import plural_text, text


class OffsetMismatch(Conflict):
    """`details["offset"]` is where the client should continue."""

    code = "offset_mismatch"

    def __init__(self, offset: int) -> None:
        super().__init__(
            plural_text(
                "{n:,} byte has been received. Continue from there.",
                "{n:,} bytes have been received. Continue from there.",
                n=offset,
            )
        )
        self.details = {"offset": offset}


class FileChanged(Conflict):
    code = "file_changed"


@contextmanager
def open_locked(path: Path) -> Iterator[int]:
    """Open the file at `path` under a lock, and create it if necessary; other callers wait for the lock.

    The lock is on the file, so that a process that dies releases it and no database row is locked meanwhile.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def write_part(descriptor: int, chunks: Iterable[bytes], *, offset: int, most: int) -> int:
    """Write a part at `offset`, over what an interrupted part left there, and sync it to disk. Returns its length.

    Raises BadInput if it has more than `most` bytes. After any failure the file ends at `offset` again.
    """
    os.ftruncate(descriptor, offset)
    os.lseek(descriptor, offset, os.SEEK_SET)
    try:
        written = _write_all(descriptor, chunks, most)
        os.fsync(descriptor)
    except BaseException:
        os.ftruncate(descriptor, offset)
        raise
    return written


def build_excess_error() -> BadInput:
    return BadInput(text("This part has more bytes than announced, so it was not saved."))


def _write_all(descriptor: int, chunks: Iterable[bytes], most: int) -> int:
    written = 0
    for chunk in chunks:
        written += len(chunk)
        if written > most:
            raise build_excess_error()
        _write_fully(descriptor, chunk)
    return written


def _write_fully(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
