"""The files that an attempt at reading a log writes, beside those that it may replace: on the machine that reads."""

import shutil
from pathlib import Path

from workloads.models import Workload


def get_staging_path(workload: Workload, attempt: int, data_dir: Path) -> Path:
    """Return the path of the file that an attempt writes."""
    path = workload.get_path(data_dir)
    return path.with_name(f".{path.name}.{attempt}")


def get_staging_answers(staged: Path) -> Path:
    """Return the folder of the answers about a staged file, until both are placed."""
    return staged.with_name(f"{staged.name}.answers")


def discard_staging(workload: Workload, attempt: int, data_dir: Path) -> None:
    """Remove an attempt's staged file and answers, if they were not placed."""
    staged = get_staging_path(workload, attempt, data_dir)
    staged.unlink(missing_ok=True)
    shutil.rmtree(get_staging_answers(staged), ignore_errors=True)


def remove_leftovers(workload: Workload, data_dir: Path, *, before: int | None = None) -> None:
    """Remove the staged files and working folders of all attempts, or of those before one.

    An attempt that has been overtaken, as its worker was frozen, must not remove the files of the one that is reading.
    """
    path = workload.get_path(data_dir)
    for leftover in path.parent.glob(f".*{path.name}.*"):
        attempt = _read_attempt(leftover.name, path.name)
        if before is not None and (attempt is None or attempt >= before):
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)  # a worker that is still running may be removing it too
        else:
            leftover.unlink(missing_ok=True)


def _read_attempt(name: str, log_name: str) -> int | None:
    """Return the attempt that a staged file, its answers or a working folder belongs to."""
    number = name.lstrip(".").removeprefix(f"{log_name}.").partition(".")[0]
    return int(number) if number.isdecimal() else None
