"""Checkpoints of SQLite's write-ahead log, in a thread of their own.

SQLite by itself makes them within a commit, and everybody would wait for them. A log that is written back completely is
emptied, because it also has data that was deleted since. PostgreSQL needs none of this.
"""

import logging
import threading

from django.db import Error, connection

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 0.5


class Checkpointer:
    """One process's thread for checkpoints, which runs beside its writer."""

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
        """Let no commit of this thread make a checkpoint; for the writer's thread."""
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
    """Let a checkpoint never wait for readers: the writers would wait for it."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")


def checkpoint() -> None:
    """Write back as much as possible, then empty the log if nobody reads or writes. If somebody does, it is emptied
    another time."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")
            _, pages, written_back = cursor.fetchone()
            if 0 < pages == written_back:
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                cursor.fetchone()
    except Error:
        # Until the next time, the log only grows. If the database is unusable, the writer reports it.
        log.warning("the database's log could not be written back", exc_info=True)
