"""What is deleted, overwritten: a row that is gone shall not be readable in the database's file."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def overwritten() -> Iterator[None]:
    """SQLite writes zeros over what is deleted inside the block, and empties its journal at the end.

    PostgreSQL does so by its own (auto)vacuum, which needs the tables' owner: nothing is done here.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete")
        (before,) = cursor.fetchone()
        cursor.execute("PRAGMA secure_delete = ON")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA secure_delete = {int(before)}")
        if not connection.in_atomic_block:
            # It waits for readers, as long as for any lock; where one stays, the next checkpoint does it.
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
