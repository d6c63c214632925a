"""Files and folders on disk: size and age, free space, listing, removal, and private files that are written whole."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from os import stat_result
from pathlib import Path
from stat import S_ISDIR

from core.exceptions import BadInput, StorageFull
from core.i18n.text import Text, text

MAX_TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskEntry:
    """A file or folder: `size` in bytes with all its content; `modified_at` (UTC) is that of the newest part."""

    path: Path
    size: int
    modified_at: datetime

    def remove(self) -> None:
        """Remove it with its content, if it still exists. Links are not followed."""
        remove_path(self.path)


def find_entry(path: Path) -> DiskEntry | None:
    """Return the entry at `path`, or None: others may write and remove there at the same time."""
    try:
        top = path.lstat()
    except FileNotFoundError:
        return None
    stats = [top, *(_stat_tree(path) if S_ISDIR(top.st_mode) else ())]
    return DiskEntry(
        path=path,
        size=sum(stat.st_size for stat in stats if not S_ISDIR(stat.st_mode)),
        modified_at=datetime.fromtimestamp(max(stat.st_mtime for stat in stats), UTC),
    )


def free_bytes(folder: Path) -> int:
    """Return the free space of the disk that `folder` is on, or will be on."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def find_entries(paths: Iterable[Path]) -> tuple[DiskEntry, ...]:
    """Return the entries of those paths that exist."""
    return tuple(entry for path in paths if (entry := find_entry(path)) is not None)


def remove_path(path: Path) -> None:
    """Remove a file or folder. Raises OSError if that fails, also if others keep adding files to it."""
    for attempt in range(MAX_TRIES):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            # Something was removed or added at the same moment.
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY) or attempt == MAX_TRIES - 1:
                raise
        else:
            return


def list_folder(folder: Path) -> list[Path]:
    """Return a folder's entries by name; nothing if it doesn't exist."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _stat_tree(folder: Path) -> Iterator[stat_result]:
    for parent, folders, files in os.walk(folder):  # skips folders that are removed meanwhile
        for name in (*folders, *files):
            try:
                yield os.lstat(os.path.join(parent, name))
            except FileNotFoundError:
                continue


@contextmanager
def draft_file(path: Path, *, replace: bool, sync: bool = True) -> Iterator[Path]:
    """Yield an empty private file beside `path`, which gets its name when the block has filled it: whole or not at all.

    An existing file is replaced, or raises FileExistsError. Without `sync`, a power cut may leave less than the whole:
    for files that are checked when they are read, or that can be made again.
    """
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        if sync:
            with draft.open("rb") as file:
                os.fsync(file.fileno())
        if replace:
            os.replace(draft, path)
        else:
            os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def draft_export(path: Path) -> Iterator[Path]:
    """Like draft_file, for a new file that somebody asked for. Raises BadInput if it exists or can't be written."""
    if path.exists():
        raise _build_exists_error(path)
    with ExitStack() as stack:
        try:
            draft = stack.enter_context(draft_file(path, replace=False))
        except OSError as error:
            raise BadInput(
                text("{path} cannot be written: {problem}.", path=str(path), problem=error.strerror or "")
            ) from error
        try:
            yield draft
            stack.close()
        except FileExistsError as error:
            raise _build_exists_error(path) from error


def _build_exists_error(path: Path) -> BadInput:
    return BadInput(text("{path} already exists and was not overwritten.", path=str(path)))


def create_private_file(path: Path, content: str) -> bool:
    """Create a private file with all of the content, or not at all. False if it already exists."""
    try:
        with draft_file(path, replace=False) as draft:
            draft.write_text(content, encoding="utf-8")
    except FileExistsError:
        return False
    return True


def private_dir(folder: Path) -> Path:
    """Create the folder and missing parents, closed to other accounts, and return it."""
    for path in (*reversed(folder.parents), folder):
        if not path.is_dir():
            path.mkdir(mode=0o700, exist_ok=True)
    return folder


DISK_FULL_CODES = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def is_os_disk_full(error: BaseException) -> bool:
    """Whether the system refused a write because a disk, a disk quota or the largest possible file is full."""
    return isinstance(error, OSError) and error.errno in DISK_FULL_CODES


@contextmanager
def convert_disk_full(message: Text) -> Iterator[None]:
    """Raise StorageFull with this message if the block finds a disk full."""
    try:
        yield
    except OSError as error:
        if is_os_disk_full(error):
            raise StorageFull(message) from error
        raise


def build_disk_full_error() -> StorageFull:
    return StorageFull(text("The server's disk is full. Nothing was saved. Try again later."))
