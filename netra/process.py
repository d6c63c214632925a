"""Limits and lifetime of this process: open files, garbage collection, and exit."""

import atexit
import gc
import os
import resource
import sys
import threading
from typing import NoReturn

OTHER_FILES = 256
"""Files that are no connections: the database's, logs that are read, temporary ones."""


def raise_open_file_limit(connections: int) -> int:
    """How many of so many connections this process may have open, once its limit is raised as far as it needs to be
    and the system lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = compute_open_file_limit(connections + OTHER_FILES, soft=soft, hard=hard)
    if allowed != soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return connections if allowed == resource.RLIM_INFINITY else max(1, min(connections, allowed - OTHER_FILES))


def compute_open_file_limit(wanted: int, *, soft: int, hard: int) -> int:
    """The soft limit that is to hold: never a lower one than before, never above the hard one."""
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    return wanted if hard == resource.RLIM_INFINITY else max(soft, min(wanted, hard))


YOUNG_THRESHOLD = 10_000  # allocations between two looks at the youngest
OLDER_THRESHOLDS = (10, 20)  # looks at the younger between two at the older
ENDS_PER_COLLECTION = 1_000  # requests and sockets that have ended between two looks at all


class GarbageCollector:
    """One per process, told of each request and socket that has ended."""

    def __init__(self) -> None:
        self._end_count = 0

    def freeze(self) -> None:
        """Once, when a server is open: what is there by now stays, and is not looked at again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_THRESHOLD, *OLDER_THRESHOLDS)

    def count_end(self) -> None:
        self._end_count += 1
        if self._end_count >= ENDS_PER_COLLECTION:
            self._end_count = 0
            gc.collect()


def exit_now(status: int) -> NoReturn:
    """End this process with everything that the interpreter does at its end but one: modules are not taken apart.

    Threads are waited for, what was registered for the exit is run, what is buffered is written. Taking modules apart
    does nothing for a process that ends, and DuckDB's binding lists on standard error, on as many lines as there are,
    whatever is still held of it then.
    """
    threading._shutdown()  # type: ignore[attr-defined]  # as the interpreter calls it
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os._exit(status)
