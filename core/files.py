"""Files and folders on disk: their size and age, free space, listing and removal."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from os import stat_result
from pathlib import Path
from stat import S_ISDIR

from core.exceptions import StorageFull
from core.i18n.text import text

MAX_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskEntry:
    """`size` in bytes, all that a folder holds together; `modified_at` (UTC) is when the newest of it was."""

    path: Path
    size: int
    modified_at: datetime

    def remove(self) -> None:
        """Remove it with all that it holds; links are not followed. Where it is gone by now, that is fine."""
        remove_path(self.path)


def find_entry(path: Path) -> DiskEntry | None:
    """What lies at `path`, or None: others write and remove there too."""
    try:
        top = path.lstat()
    except FileNotFoundError:
        return None
    found = [top, *(_stat_tree(path) if S_ISDIR(top.st_mode) else ())]
    return DiskEntry(
        path=path,
        size=sum(each.st_size for each in found if not S_ISDIR(each.st_mode)),
        modified_at=datetime.fromtimestamp(max(each.st_mtime for each in found), UTC),
    )


def free_bytes(folder: Path) -> int:
    """What the disk has left where `folder` lies, or will lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def find_entries(paths: Iterable[Path]) -> tuple[DiskEntry, ...]:
    """Those of the paths that are there."""
    return tuple(found for path in paths if (found := find_entry(path)) is not None)


def remove_path(path: Path) -> None:
    """Raises OSError for what cannot be removed, also where somebody keeps putting something into it."""
    for attempt in range(MAX_TRIES):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            # Somebody removed or added something in this moment.
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY) or attempt == MAX_TRIES - 1:
                raise
        else:
            return


def list_folder(folder: Path) -> list[Path]:
    """What a folder holds, by name; nothing where there is none."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stat_tree(folder: Path) -> Iterator[stat_result]:
    for parent, folders, files in os.walk(folder):  # which passes over folders that are removed meanwhile
        for name in (*folders, *files):
            try:
                yield os.lstat(os.path.join(parent, name))
            except FileNotFoundError:
                continue


def create_private_file(path: Path, text: str) -> bool:
    """Write a private file that must not be there yet, whole or not at all. False where it is there."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink()
    return True


def private_dir(folder: Path) -> Path:
    """`folder`, made if need be, and every folder above it that had to be made too, closed to others."""
    for each in (*reversed(folder.parents), folder):
        if not each.exists():
            each.mkdir(mode=0o700, exist_ok=True)
    return folder


def build_disk_full_error() -> StorageFull:
    return StorageFull(text("The server's disk is full: nothing was stored. Try again later."))
