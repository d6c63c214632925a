"""A child process for work on what somebody uploaded: started bare, watched while it works, its end put in words.

What a child can hold itself to (memory, processor time, the size of a file) it does: workloads.childlimits.
"""

import os
import shutil
import signal
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Protocol

from netra.core.exceptions import BadInput, Defect, NetraError, StorageFull
from netra.core.ondisk import look
from netra.language.text import text
from workloads.bounds import Bounds

ROOT = Path(__file__).resolve().parent.parent
POLL = 0.05  # seconds between looks at a child


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use. `seconds` is wall time, `cpu` seconds of processor; sizes are bytes.

    `file` is for each file that it writes, `scratch` for all of them together; `reserve` stays free on the disk for
    everything else: the database first of all. `rows` and `columns` are what its log may have.
    """

    seconds: int = 120
    cpu: int = 240
    rows: int = 20_000_000
    columns: int = 2_000
    data: int = 1536 << 20
    file: int = 4 << 30
    scratch: int = 16 << 30
    reserve: int = 256 << 20
    open_files: int = 64
    disk_is_short: bool = False  # it is the disk that set `file` and `scratch`, and not the log


class LimitSettings(Protocol):
    """The settings of an installation that are about reading logs."""

    @property
    def reading_seconds(self) -> int: ...
    @property
    def log_rows(self) -> int: ...
    @property
    def log_columns(self) -> int: ...
    @property
    def reading_memory_bytes(self) -> int: ...
    @property
    def reading_scratch_bytes(self) -> int: ...
    @property
    def disk_reserve_bytes(self) -> int: ...


DEFAULT = Limits()


def limits_of(settings: "LimitSettings") -> Limits:
    """What an installation sets (netra.environment)."""
    return Limits(
        seconds=settings.reading_seconds,
        rows=settings.log_rows,
        columns=settings.log_columns,
        data=settings.reading_memory_bytes,
        scratch=settings.reading_scratch_bytes,
        reserve=settings.disk_reserve_bytes,
    )


LEAST_SCRATCH = 256 << 20
TIMES_SCRATCH = 64
"""Scratch is for a small log this much, for a larger one so many times its size: what a log unpacks to when it is as
repetitive as logs are, twice. A bomb is small and unpacks to thousands of times its size."""
ANALYSIS_SECONDS = 600
LEAST_CPU = 40
BYTES_PER_CPU = 500_000
BYTES_PER_SECOND = 1_000_000


def fit_size(limits: Limits, size: int) -> Limits:
    """The limits for a log whose file has `size` bytes: what is small may not keep others waiting, or fill the disk."""
    return replace(
        limits,
        seconds=limits.seconds + size // BYTES_PER_SECOND,
        cpu=LEAST_CPU + size // BYTES_PER_CPU,
        scratch=min(limits.scratch, max(LEAST_SCRATCH, TIMES_SCRATCH * size)),
    )


def fit_analysis(limits: Limits, size: int) -> Limits:
    """The limits for all that a run asks of a log whose file had `size` bytes."""
    scratch = min(limits.scratch, max(4 * LEAST_SCRATCH, TIMES_SCRATCH * size))
    return replace(limits, seconds=ANALYSIS_SECONDS, cpu=2 * ANALYSIS_SECONDS, scratch=scratch)


def bounds_of(limits: Limits) -> Bounds:
    """What a log may hold, so that it is read within the limits: as text it takes half of the scratch at most."""
    return Bounds(rows=limits.rows, columns=limits.columns, unpacked=limits.scratch // 2)


def fit_disk(limits: Limits, folder: Path, name: str) -> Limits:
    """The limits, with no more to write than half of what the disk of `folder` has beyond the reserve.

    Half, as another child may begin in the next moment. Raises StorageFull where that is nothing.
    """
    room = (shutil.disk_usage(folder).free - limits.reserve) // 2
    if room <= 0:
        raise disk_full(name)
    if room >= limits.scratch:
        return limits
    return replace(limits, scratch=room, file=min(limits.file, room), disk_is_short=True)


def start_child(module: str, folder: Path, *, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start `python -m module` in `folder` with a bare environment; what it says in its despair goes to `errors`."""
    return subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        # What it leaves in its folder is data: nothing is imported from there.
        env={"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "PATH": os.defpath},
        cwd=folder,
        start_new_session=True,  # Ctrl-C in a terminal is for us to handle, not for the child
    )


def check_scratch(folder: Path, limits: Limits, name: str) -> None:
    """Raise BadInput where the files in `folder` take more than the limit, StorageFull where the reserve is touched."""
    if shutil.disk_usage(folder).free < limits.reserve:
        raise disk_full(name)
    found = look(folder)
    if found is not None and found.size > limits.scratch:
        raise disk_full(name) if limits.disk_is_short else too_much_scratch(name)


def explain_end(code: int, errors: bytes, name: str) -> NetraError:
    """Why a child ended without an answer, from its exit code and what it said last."""
    if code == -signal.SIGXCPU:
        return too_long(name)
    # Under a tight memory limit the C library may print this and leave with a status of its own; the kernel kills
    # where the whole machine has none left.
    if code == -signal.SIGKILL or b"cannot allocate memory" in errors or b"std::bad_alloc" in errors:
        return too_much_memory(name)
    if code < 0:
        return BadInput(text('"{name}" could not be read: it is damaged, or made so that reading it fails.', name=name))
    return Defect(f"A child failed: {errors.decode(errors='replace')[-2000:]}")


def last_words(errors: IO[bytes]) -> bytes:
    """The end of what a child wrote to `errors`."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4000))
    return errors.read()


def too_long(name: str) -> BadInput:
    words = text('"{name}" takes too long to process. Upload a shorter log, or Parquet, which is faster.', name=name)
    return BadInput(words)


def too_much_memory(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more memory than one log may use. Upload a part of it.', name=name))


def too_much_scratch(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more disk space than one log may use. Upload a part of it.', name=name))


def disk_full(name: str) -> StorageFull:
    return StorageFull(
        text(
            'There is not enough room on the server\'s disk for "{name}". Reading is retried automatically; ask again '
            "later.",
            name=name,
        )
    )
