"""Limits and lifetime of this process: open files, garbage collection, and exit."""

import atexit
import gc
import os
import resource
import sys
import threading
from typing import NoReturn

OTHER_FILES = 256
"""Open files besides connections: of the database, logs that are read, temporary ones."""


def raise_open_file_limit(connections: int) -> int:
    """Raise the limit on open files as far as these connections need it, and return how many of them it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = compute_open_file_limit(connections + OTHER_FILES, soft=soft, hard=hard)
    if allowed != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return connections if allowed == resource.RLIM_INFINITY else max(1, min(connections, allowed - OTHER_FILES))


def compute_open_file_limit(wanted: int, *, soft: int, hard: int) -> int:
    """Return the soft limit to set: never lower than before, never above the hard limit."""
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    return wanted if hard == resource.RLIM_INFINITY else max(soft, min(wanted, hard))


YOUNG_THRESHOLD = 10_000  # allocations between two collections of the youngest generation
OLDER_THRESHOLDS = (10, 20)  # collections of a generation between two of the next older one
ENDS_PER_COLLECTION = 1_000  # ended requests and sockets between two full collections


def collect_less_often() -> None:
    """Look for garbage less often than an interpreter does by itself: importing Netra leaves none, and would spend a
    fifth of its time on looking."""
    gc.set_threshold(YOUNG_THRESHOLD, *OLDER_THRESHOLDS)


class GarbageCollector:
    """Collects garbage by the number of ended requests and sockets. There is one per process."""

    def __init__(self) -> None:
        self._end_count = 0

    def freeze(self) -> None:
        """Exclude all objects of the start from later collections: they live as long as the process."""
        gc.collect()
        gc.freeze()
        collect_less_often()

    def count_end(self) -> None:
        self._end_count += 1
        if self._end_count >= ENDS_PER_COLLECTION:
            self._end_count = 0
            gc.collect()


def exit_now(status: int) -> NoReturn:
    """End this process as the interpreter would, but without tearing down modules.

    Threads are joined, exit functions run and streams flushed. Tearing down modules is of no use to a process that
    ends, and DuckDB's binding would print a line on standard error for each of its objects that still exists then.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter calls it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)
