"""The bytes of an upload on disk: write one part at a time, and discard it unless it is synced to disk."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.exceptions import BadInput
from core.i18n.text import text


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


def _write_all(descriptor: int, chunks: Iterable[bytes], most: int) -> int:
    written = 0
    for chunk in chunks:
        written += len(chunk)
        if written > most:
            raise BadInput(text("This part has more bytes than announced, so it was not saved."))
        _write_fully(descriptor, chunk)
    return written


def _write_fully(descriptor: int, chunk: bytes) -> None:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
