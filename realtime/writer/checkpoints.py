"""Checkpoints of SQLite's write-ahead log, by a thread of their own: within a commit, as SQLite does it by itself, everybody
would wait for them. Nothing of this concerns PostgreSQL.

A log that is written back completely is emptied: it also holds what was deleted since.
"""

import logging
import threading

from django.db import Error, connection

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.5  # seconds


class Checkpointer:
    """Of one process, beside its writer."""

    def __init__(self) -> None:
        self._stop_event = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        if connection.vendor == "sqlite":
            self._thread = threading.Thread(target=self._run, name="checkpoints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stop_event.set()
        if self._thread is not None:
            self._thread.join()

    def disable_autocheckpoint(self) -> None:
        """In the writer's thread: its commits write nothing back."""
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("PRAGMA wal_autocheckpoint = 0")

    def _run(self) -> None:
        try:
            disable_busy_timeout()
            while not self._stop_event.wait(INTERVAL_SECONDS):
                checkpoint()
        finally:
            connection.close()


def disable_busy_timeout() -> None:
    """Who waits for readers here keeps the writers waiting."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")


def checkpoint() -> None:
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
