"""Copies of objects in a folder of this machine, shared by its processes and bounded in size.

A copy is a file in a folder of its own, with what belongs to it beside it. Who uses it holds a shared lock on the file,
which ends with the process, so that no copy is evicted under a reader. Another lock keeps folders from being removed
while a copy is put into them. It is held for moments only, as a process may be frozen with it: nobody waits for it to
evict, and a folder is renamed under it, and removed after it."""

import fcntl
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.exceptions import StorageFull
from core.files import DiskEntry, find_entry, free_bytes, private_dir, remove_path
from core.i18n.text import text

DRAFT_PREFIX = "."
LOCK_NAME = "lock"
COPY_SUFFIX = ".duckdb"
"""Of the file of a copy. Others beside it belong to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCache:
    """`limit` bounds the bytes of all copies that nobody holds; `reserve` bytes of the disk stay free."""

    folder: Path
    limit: int
    reserve: int
    free: Callable[[Path], int] = free_bytes

    @contextmanager
    def hold(self, key: str, size: int, fetch: Callable[[Path], None]) -> Iterator[Path]:
        """Yield the path of an object's copy, which `fetch` writes into a new file if there is none.

        Raises what `fetch` raises, and StorageFull if the disk has no space for `size` bytes.
        """
        path = self.folder / key
        descriptor = _lock_copy(path)
        if descriptor is None:
            descriptor = self._fetch_copy(path, size, fetch)
        try:
            _mark_used(path)
            yield path
        finally:
            os.close(descriptor)

    def add(self, key: str, path: Path) -> None:
        """Make the file at `path` the copy of an object that was just stored."""
        target = self.folder / key
        with self._lock_folders(fcntl.LOCK_SH):
            private_dir(target.parent)
            os.replace(path, target)
            _mark_used(target)
        self.evict()

    def evict(self, room: int = 0) -> None:
        """Remove the copies that were used longest ago, until the others and `room` bytes fit. Held ones stay."""
        copies = sorted(self._iter_copies(), key=lambda each: _read_use(each[0]))
        excess = max(
            sum(entry.size for _, entry in copies) + room - self.limit,
            room + self.reserve - self.free(self.folder) if room else 0,
        )
        for path, entry in copies:
            if excess <= 0:
                return
            if self._remove_unheld(path):
                excess -= entry.size

    def remove_unheld(self, key: str) -> None:
        """Remove a copy with its folder, unless somebody holds it."""
        self._remove_unheld(self.folder / key)

    def list_keys(self) -> list[str]:
        """Return the keys of all copies."""
        return [path.relative_to(self.folder).as_posix() for path, _ in self._iter_copies()]

    def remove_drafts(self, age: timedelta) -> None:
        """Remove what processes that were killed while they fetched or removed left behind, so long ago."""
        for parent, folders, names in os.walk(self.folder):
            for name in (*folders, *names):
                entry = find_entry(Path(parent, name)) if name.startswith(DRAFT_PREFIX) else None
                if entry is not None and datetime.now(UTC) - entry.modified_at >= age:
                    entry.remove()

    def remove(self, prefix: str) -> None:
        """Remove the copies below a prefix, held ones too: their objects are deleted."""
        with self._lock_folders(fcntl.LOCK_EX):
            removed = self._rename_away(self.folder / prefix)
        remove_path(removed)

    def _fetch_copy(self, path: Path, size: int, fetch: Callable[[Path], None]) -> int:
        self._make_room(size)
        draft = private_dir(self.folder) / f"{DRAFT_PREFIX}{path.name}-{secrets.token_hex(8)}"
        descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)  # before it has its name, so that nobody can evict it
            fetch(draft)
            other = self._place(draft, path)
        except BaseException:
            os.close(descriptor)
            raise
        finally:
            draft.unlink(missing_ok=True)
        if other is None:
            return descriptor
        os.close(descriptor)
        return other

    def _place(self, draft: Path, path: Path) -> int | None:
        """Make a draft the copy at `path`. If there is one already, return a descriptor of that with a shared lock."""
        with self._lock_folders(fcntl.LOCK_SH):
            private_dir(path.parent)
            try:
                os.link(draft, path)
            except FileExistsError:  # another process has fetched it meanwhile
                return _lock_copy(path)
        return None

    def _remove_unheld(self, path: Path) -> bool:
        """Remove a copy with its folder, unless somebody holds it, or is just putting one into a folder.

        Return whether it is gone."""
        try:
            with self._lock_folders(fcntl.LOCK_EX | fcntl.LOCK_NB):
                removed = self._take_away(path)
        except BlockingIOError:
            return False
        if removed is not None:
            remove_path(removed)
        return True

    def _take_away(self, path: Path) -> Path | None:
        """Rename the folder of a copy; None if there is no copy. Raises BlockingIOError if somebody holds it."""
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return self._rename_away(path.parent)
        finally:
            os.close(descriptor)

    def _rename_away(self, path: Path) -> Path:
        """Return the new name of what is to be removed, which no reader looks for."""
        renamed = self.folder / f"{DRAFT_PREFIX}{secrets.token_hex(8)}"
        with suppress(FileNotFoundError):
            path.rename(renamed)
        return renamed

    @contextmanager
    def _lock_folders(self, operation: int) -> Iterator[None]:
        """Lock the folders of all copies: shared to put one into its folder, exclusively to remove folders."""
        descriptor = os.open(private_dir(self.folder) / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, operation)
            yield
        finally:
            os.close(descriptor)

    def _make_room(self, size: int) -> None:
        self.evict(size)
        if self.free(self.folder) - size < self.reserve:
            raise StorageFull(
                text("There is not enough space on the server's disk to open this log. Try again in a few minutes.")
            )

    def _iter_copies(self) -> Iterator[tuple[Path, DiskEntry]]:
        """Yield the path of each copy with the size of its folder."""
        for parent, folders, names in os.walk(self.folder):
            folders[:] = [folder for folder in folders if not folder.startswith(DRAFT_PREFIX)]
            for name in names:
                path = Path(parent, name)
                if path.suffix == COPY_SUFFIX and (entry := find_entry(path.parent)) is not None:
                    yield path, entry


def _lock_copy(path: Path) -> int | None:
    """Return a descriptor of the copy with a shared lock; None if there is no copy."""
    while True:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH)
            is_there = _is_file_at(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        if is_there:
            return descriptor
        os.close(descriptor)  # it was evicted between both steps


def _is_file_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _mark_used(path: Path) -> None:
    """Set the time of the last use, and not that of the last change, by which answers about it are kept."""
    status = path.stat()
    os.utime(path, ns=(time.time_ns(), status.st_mtime_ns))


def _read_use(path: Path) -> int:
    try:
        return path.stat().st_atime_ns
    except FileNotFoundError:
        return 0
