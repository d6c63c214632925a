"""The roll of a self-test: whom it is about to make, on disk before they are made, for the next one if it is killed.

A name alone would prove nothing: somebody real may be called selftest-1. Who is on no roll is never touched.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from netra.core.exceptions import OperatorError
from workloads.folders import private


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    user_id: UUID
    name: str


ENTRIES = TypeAdapter(tuple[Entry, ...])


def folder_of(data_dir: Path) -> Path:
    return data_dir / "selftest"


@contextmanager
def enrolled(entries: tuple[Entry, ...], data_dir: Path) -> Iterator[Path]:
    """Write a roll, held for the time of the block. Whoever has removed everybody on it removes it."""
    folder = private(folder_of(data_dir))
    draft = folder / f".{uuid4()}"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    roll = folder / f"{draft.name[1:]}.json"
    try:
        # Locked before it has its name: another self-test takes a roll that nobody holds for that of a dead one.
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        os.write(descriptor, ENTRIES.dump_json(entries))
        os.fsync(descriptor)
        draft.rename(roll)
        yield roll
    finally:
        os.close(descriptor)


@contextmanager
def left_behind(roll: Path) -> Iterator[tuple[Entry, ...]]:
    """Whom a dead self-test's roll names; nobody where one is still at work. After the block the roll is gone."""
    descriptor = os.open(roll, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield ()
            return
        yield _entries(roll)
        roll.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def rolls(data_dir: Path) -> tuple[Path, ...]:
    return tuple(sorted(folder_of(data_dir).glob("*.json")))


def _entries(roll: Path) -> tuple[Entry, ...]:
    try:
        return ENTRIES.validate_json(roll.read_bytes())
    except FileNotFoundError:
        return ()  # another start has cleared it in this moment
    except ValueError as error:
        raise OperatorError(f"{roll} cannot be read: remove it, and the users named selftest-… by hand.") from error
