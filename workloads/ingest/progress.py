"""How far the reading of a log is, for its user to see meanwhile.

For the child process that reads it: a thread asks how far the work is, while DuckDB, which doesn't need the
interpreter, or a library does it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any, Final, Literal, cast, get_args

import duckdb

INTERVAL_SECONDS: Final = 0.5
"""Before the first report, and between two."""

Step = Literal["file", "rows", "checks", "storing", "figures"]
"""Unpack the file and parse it, read its rows, check and convert them, store them, and compute the report's figures."""

STEPS: Final = get_args(Step)
OPEN_FILES: Final = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingProgress:
    """What is done with a log, and the share of that step that is done, from 0 to 1; None if that is unknown."""

    step: Step
    share: float | None


def progress_to_json(progress: ReadingProgress | None) -> dict[str, Any] | None:
    return None if progress is None else {"step": progress.step, "share": progress.share}


def progress_from_json(data: Any) -> ReadingProgress | None:
    """Return the progress that `progress_to_json` wrote; None for anything else."""
    match data:
        case {"step": str(step), "share": None | float() | int() as share} if step in STEPS:
            known = None if share is None or not 0 <= share <= 1 else float(share)
            return ReadingProgress(step=cast("Step", step), share=known)
    return None


ReportProgress = Callable[[ReadingProgress], None]


def ignore_progress(progress: ReadingProgress) -> None:
    """Report nothing."""


class ProgressWatch:
    """The step that the work is at, as the thread that does the work says."""

    def __init__(self) -> None:
        self._now: tuple[Step, Callable[[], float | None]] | None = None

    def begin(self, step: Step, measure: Callable[[], float | None]) -> None:
        """Begin a step; `measure` returns the share that is done, and is called in another thread."""
        self._now = (step, measure)

    def measure(self) -> ReadingProgress | None:
        """Return how far the work is; None if it has not begun."""
        if (now := self._now) is None:
            return None
        step, measure = now
        return ReadingProgress(step=step, share=measure())


@contextmanager
def watch_progress(report: ReportProgress) -> Iterator[ProgressWatch]:
    """Report again and again, in a thread, how far the block is."""
    watch, is_over = ProgressWatch(), Event()
    thread = Thread(target=_report_until, args=(is_over, watch, report), daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        is_over.set()
        thread.join()


def _report_until(is_over: Event, watch: ProgressWatch, report: ReportProgress) -> None:
    while not is_over.wait(INTERVAL_SECONDS):
        if (progress := watch.measure()) is not None:
            report(progress)


def enable_measuring(con: duckdb.DuckDBPyConnection) -> None:
    """Let `measure_query` know how far the connection's query is."""
    con.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")


def measure_query(con: duckdb.DuckDBPyConnection) -> float | None:
    """Return the share of the connection's current query that is done; None if DuckDB doesn't know."""
    try:
        percent = con.query_progress()
    except duckdb.ConnectionException:  # closed, because reading ends
        return None
    return min(percent / 100, 1.0) if percent >= 0 else None


def measure_file(path: Path) -> float | None:
    """Return the share of a file that this process has read from its beginning on; None if it isn't being read, or the
    system doesn't say."""
    try:
        size, file = path.stat().st_size, path.resolve()
        places = [_read_place(entry.name) for entry in OPEN_FILES.iterdir() if entry.resolve() == file]
    except OSError:  # closed meanwhile, or no Linux
        return None
    return min(max(places) / size, 1.0) if places and size else None


def _read_place(number: str) -> int:
    with open(f"/proc/self/fdinfo/{number}", encoding="ascii") as file:
        return int(file.readline().split()[1])
