"""Anchors once more, in a file outside the database: a line of JSON for each. Who cuts them off in the one place does
not reach the other."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

NAME = "audit-anchors.jsonl"
"""In the data folder."""


@contextmanager
def held(path: Path) -> Iterator[IO[bytes]]:
    """The file (made if need be), for this process alone: nobody reads it between a commit and its line."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "rb+") as file:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield file


@contextmanager
def read(path: Path) -> Iterator[Iterator[str]]:
    """Its lines; while they are read, no anchor is made on this machine. A file that is not there has none."""
    try:
        file = path.open(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        yield iter(())
        return
    with file:
        fcntl.flock(file.fileno(), fcntl.LOCK_SH)
        yield iter(file)


def kept(file: IO[bytes]) -> int:
    """How many whole lines there are. A last one that a crash cut in two is taken away, to be written anew."""
    file.seek(0)
    lines, end = 0, 0
    for line in file:
        if line.endswith(b"\n"):
            lines, end = lines + 1, end + len(line)
    file.truncate(end)
    return lines


def add(file: IO[bytes], lines: Iterable[str]) -> None:
    """At its end, and safely on the disk."""
    file.seek(0, os.SEEK_END)
    for line in lines:
        file.write(f"{line}\n".encode())
    file.flush()
    os.fsync(file.fileno())
