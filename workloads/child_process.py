"""Child processes that work on untrusted files: their limits, start and supervision, and their errors as data.

The functions that limit or describe the own process run in the child, all others in the parent."""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Protocol

import duckdb

from core.exceptions import BadInput, Defect, NetraError, StorageFull
from core.files import find_entry
from core.i18n.text import from_json, text, to_json
from workloads.ingest.bounds import Bounds

SOURCE_ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.05  # seconds between looks at a child


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
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


DEFAULT_LIMITS = ProcessLimits()


def limits_from_settings(settings: "LimitSettings") -> ProcessLimits:
    """What an installation sets (netra.config)."""
    return ProcessLimits(
        seconds=settings.reading_seconds,
        rows=settings.log_rows,
        columns=settings.log_columns,
        data=settings.reading_memory_bytes,
        scratch=settings.reading_scratch_bytes,
        reserve=settings.disk_reserve_bytes,
    )


MIN_SCRATCH = 256 << 20
SCRATCH_PER_BYTE = 64
"""Scratch is for a small log this much, for a larger one so many times its size: what a log unpacks to when it is as
repetitive as logs are, twice. A bomb is small and unpacks to thousands of times its size."""
ANALYSIS_SECONDS = 600
MIN_CPU_SECONDS = 40
BYTES_PER_CPU = 500_000
BYTES_PER_SECOND = 1_000_000


def fit_size(limits: ProcessLimits, size: int) -> ProcessLimits:
    """The limits for a log whose file has `size` bytes: what is small may not keep others waiting, or fill the disk."""
    return replace(
        limits,
        seconds=limits.seconds + size // BYTES_PER_SECOND,
        cpu=MIN_CPU_SECONDS + size // BYTES_PER_CPU,
        scratch=min(limits.scratch, max(MIN_SCRATCH, SCRATCH_PER_BYTE * size)),
    )


def fit_analysis(limits: ProcessLimits, size: int) -> ProcessLimits:
    """The limits for all that a run asks of a log whose file had `size` bytes."""
    scratch = min(limits.scratch, max(4 * MIN_SCRATCH, SCRATCH_PER_BYTE * size))
    return replace(limits, seconds=ANALYSIS_SECONDS, cpu=2 * ANALYSIS_SECONDS, scratch=scratch)


def to_bounds(limits: ProcessLimits) -> Bounds:
    """What a log may hold, so that it is read within the limits: as text it takes half of the scratch at most."""
    return Bounds(rows=limits.rows, columns=limits.columns, unpacked=limits.scratch // 2)


def fit_disk(limits: ProcessLimits, folder: Path, name: str) -> ProcessLimits:
    """The limits, with no more to write than half of what the disk of `folder` has beyond the reserve.

    Half, as another child may begin in the next moment. Raises StorageFull where that is nothing.
    """
    room = (shutil.disk_usage(folder).free - limits.reserve) // 2
    if room <= 0:
        raise build_log_disk_full_error(name)
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
        env={"PYTHONPATH": str(SOURCE_ROOT), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "PATH": os.defpath},
        cwd=folder,
        start_new_session=True,  # Ctrl-C in a terminal is for us to handle, not for the child
    )


def check_scratch(folder: Path, limits: ProcessLimits, name: str) -> None:
    """Raise BadInput where the files in `folder` take more than the limit, StorageFull where the reserve is touched."""
    if shutil.disk_usage(folder).free < limits.reserve:
        raise build_log_disk_full_error(name)
    found = find_entry(folder)
    if found is not None and found.size > limits.scratch:
        raise build_log_disk_full_error(name) if limits.disk_is_short else build_scratch_error(name)


def explain_exit(code: int, errors: bytes, name: str) -> NetraError:
    """Why a child ended without an answer, from its exit code and what it said last."""
    if code == -signal.SIGXCPU:
        return build_timeout_error(name)
    # Under a tight memory limit the C library may print this and leave with a status of its own; the kernel kills
    # where the whole machine has none left.
    if code == -signal.SIGKILL or b"cannot allocate memory" in errors or b"std::bad_alloc" in errors:
        return build_memory_error(name)
    if code < 0:
        return BadInput(text('"{name}" could not be read: it is damaged, or made so that reading it fails.', name=name))
    return Defect(f"A child failed: {errors.decode(errors='replace')[-2000:]}")


def read_error_tail(errors: IO[bytes]) -> bytes:
    """The end of what a child wrote to `errors`."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4000))
    return errors.read()


def build_timeout_error(name: str) -> BadInput:
    words = text('"{name}" takes too long to process. Upload a shorter log, or Parquet, which is faster.', name=name)
    return BadInput(words)


def build_memory_error(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more memory than one log may use. Upload a part of it.', name=name))


def build_scratch_error(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more disk space than one log may use. Upload a part of it.', name=name))


def build_log_disk_full_error(name: str) -> StorageFull:
    return StorageFull(
        text(
            'There is not enough room on the server\'s disk for "{name}". Reading is retried automatically; ask again '
            "later.",
            name=name,
        )
    )


"""How DuckDB words it; there is no exception class of its own for it."""


def end_with_parent() -> None:
    """Have the kernel kill this process with the one that started it: nobody would wait for its answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def apply_process_limits(limits: Mapping[str, int]) -> None:
    """Hard limits on this process. RLIMIT_AS is left alone: DuckDB and its threads reserve far more than they use."""
    # At the first the kernel says so (SIGXCPU), at the second it kills.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["cpu"], limits["cpu"] + 5))
    hard = {
        resource.RLIMIT_DATA: limits["data"],
        resource.RLIMIT_FSIZE: limits["file"],
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_CORE: 0,
    }
    for kind, most in hard.items():
        resource.setrlimit(kind, (most, most))


def is_own_limit(error: BaseException, limits: Mapping[str, int]) -> bool:
    """Whether it was a limit of the log's own that left no room, and not the disk."""
    signs = ("File too large", "max_temp_directory_size")
    return not limits["disk_is_short"] and any(sign in f"{error} {error.__cause__}" for sign in signs)


def error_to_json(error: BaseException, limits: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """An error of the log called `name` or of the disk, as JSON data; None for a fault of ours."""
    if isinstance(error, MemoryError | RecursionError | duckdb.OutOfMemoryException):
        error = build_memory_error(name)
    elif isinstance(error, StorageFull):
        error = (build_scratch_error if is_own_limit(error, limits) else build_log_disk_full_error)(name)
    if isinstance(error, BadInput):
        return {"error": error.code, "message": to_json(error.words), "in_terminal": to_json(error.in_terminal)}
    if isinstance(error, StorageFull):
        return {"error": error.code, "message": to_json(error.words)}
    return None


def error_from_json(said: Any) -> NetraError | None:
    """The error that `error_to_json` described; None where `said` is nothing of the kind."""
    match said:
        case {"error": StorageFull.code, "message": message}:
            return StorageFull(from_json(message))
        case {"error": BadInput.code, "message": message}:
            typed = said.get("in_terminal")
            return BadInput(from_json(message), in_terminal=None if typed is None else from_json(typed))
    return None
