"""SQLite's log is written back into the database by a thread of its own: done within a commit, as SQLite does it by
itself, everybody waits for it. Nothing of this concerns PostgreSQL.

Once all of it is written back it is emptied: it holds what was deleted since, too.
"""

import logging
import threading

from django.db import Error, connection

log = logging.getLogger(__name__)

EVERY = 0.5  # seconds


class Checkpoints:
    """Of one process, beside its writer."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if connection.vendor == "sqlite":
            self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def leave_to_others(self) -> None:
        """In the writer's thread: its commits write nothing back."""
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_autocheckpoint = 0")

    def _work(self) -> None:
        try:
            wait_for_nobody()
            while not self._ended.wait(EVERY):
                write_back()
        finally:
            connection.close()


def wait_for_nobody() -> None:
    """Who waits for readers here keeps the writers waiting."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")


def write_back() -> None:
    """As much as can be, and then empty the log where nobody reads or writes; else it stays until the next time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            _, pages, written_back = cursor.fetchone()
            if 0 < pages == written_back:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.fetchone()
    except Error:
        # The log only grows meanwhile; a database that cannot be used says so in the writer.
        log.warning("the database's log could not be written back", exc_info=True)
