"""A database that finds no room on its disk, as the error that its user is told."""

from django.db import OperationalError

from netra.core.exceptions import StorageFull
from netra.language.text import text

NO_ROOM = "53100"
"""PostgreSQL's code for it."""


def means_full(error: BaseException) -> bool:
    """Whether a database had no room to write: SQLite has words for it, PostgreSQL a code."""
    if not isinstance(error, OperationalError):
        return False
    return "disk is full" in str(error) or getattr(error.__cause__, "sqlstate", None) == NO_ROOM


def disk_full() -> StorageFull:
    return StorageFull(text("The server's disk is full: nothing was stored. Try again later."))
