"""Putting a file's new text in place of the old: whole or not at all."""

import contextlib
import os
import tempfile
from pathlib import Path

from legacy.codemods.change import Change


class ChangedMeanwhile(OSError):
    """The file is no longer what was read."""

    def __init__(self, path: Path) -> None:
        super().__init__(0, "was changed meanwhile and is left as it is; run it again", str(path))


def put(path: Path, change: Change) -> None:
    """Raises OSError, and then the file is as it was."""
    if path.read_bytes() != change.before:
        raise ChangedMeanwhile(path)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(change.after)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, path.stat().st_mode & 0o7777)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(beside)
        raise
