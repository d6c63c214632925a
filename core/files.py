"""A file or folder as it lies on the disk: how big it is, when it was last written, and its removal."""

import errno
import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from os import stat_result
from pathlib import Path
from stat import S_ISDIR

from netra.core.waste import Waste
from netra.language.text import Text

TRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """`size` in bytes, all that a folder holds together; `written` (UTC) is when the newest of it was."""

    path: Path
    size: int
    written: datetime

    def remove(self) -> None:
        """Remove it with all that it holds; links are not followed. Where it is gone by now, that is fine."""
        remove(self.path)


def look(path: Path) -> OnDisk | None:
    """What lies at `path`, or None: others write and remove there too."""
    try:
        top = path.lstat()
    except FileNotFoundError:
        return None
    found = [top, *(_within(path) if S_ISDIR(top.st_mode) else ())]
    return OnDisk(
        path=path,
        size=sum(each.st_size for each in found if not S_ISDIR(each.st_mode)),
        written=datetime.fromtimestamp(max(each.st_mtime for each in found), UTC),
    )


def free_bytes(folder: Path) -> int:
    """What the disk has left where `folder` lies, or will lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free


def looked(paths: Iterable[Path]) -> tuple[OnDisk, ...]:
    """Those of the paths that are there."""
    return tuple(found for path in paths if (found := look(path)) is not None)


def waste_of(what: Text, these: Collection[OnDisk]) -> Waste:
    return Waste(what=what, count=len(these), size=sum(each.size for each in these))


def remove(path: Path) -> None:
    """Raises OSError for what cannot be removed, also where somebody keeps putting something into it."""
    for attempt in range(TRIES):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            # Somebody removed or added something in this moment.
            if error.errno not in (errno.ENOENT, errno.ENOTEMPTY) or attempt == TRIES - 1:
                raise
        else:
            return


def entries(folder: Path) -> list[Path]:
    """What a folder holds, by name; nothing where there is none."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []


def _within(folder: Path) -> Iterator[stat_result]:
    for parent, folders, files in os.walk(folder):  # which passes over folders that are removed meanwhile
        for name in (*folders, *files):
            try:
                yield os.lstat(os.path.join(parent, name))
            except FileNotFoundError:
                continue
