"""The bytes of files and folders that count towards a user's storage."""

import stat
from pathlib import Path

RAW_SUFFIX = ".raw"
WORK_PREFIX = ".."
"""Prefix of the folders that an import works in (import_attempt, ingest.sandbox). They are bounded by its limits and
deleted with it, so they do not count towards a user's quota."""


def measure_size(path: Path) -> int:
    """Return the bytes of a file, or of all files in a folder except uploaded ones; 0 if it does not exist."""
    try:
        status = path.lstat()
        if not stat.S_ISDIR(status.st_mode):
            return 0 if path.suffix == RAW_SUFFIX else status.st_size
        return sum(measure_size(child) for child in path.iterdir())
    except FileNotFoundError:
        return 0  # an import ended at this moment
