"""Child processes that work on untrusted files: their limits, start and supervision, and their errors as data.

`tie_to_parent`, `apply_process_limits` and `error_to_json` run in the child, everything else in the parent."""

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

from core.concurrency.one_core import give_all_cores
from core.exceptions import BadInput, Defect, NetraError, StorageFull
from core.files import find_entry
from core.i18n.text import from_json, text, to_json
from workloads.ingest.bounds import Bounds

SOURCE_ROOT = Path(__file__).resolve().parent.parent
POLL_SECONDS = 0.05  # between checks of a running child
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessLimits:
    """Limits on one child. `seconds` is wall time, `cpu` is processor time in seconds; sizes are in bytes.

    `file` limits each file that it writes, `scratch` all of them together; `reserve` stays free on the disk for
    everything else, mainly the database. `rows` and `columns` limit its log.
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
    disk_is_short: bool = False  # `file` and `scratch` were lowered because the disk is nearly full


class LimitSettings(Protocol):
    """The settings of an installation for reading logs."""

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
    """Return the limits from an installation's settings (netra.config)."""
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
"""The scratch of a log is this many times its size, and at least MIN_SCRATCH: twice what logs, which are repetitive,
usually unpack to. A decompression bomb is small and unpacks to thousands of times its size."""
ANALYSIS_SECONDS = 600
MIN_CPU_SECONDS, BYTES_PER_CPU, BYTES_PER_SECOND = 40, 500_000, 1_000_000


def fit_size(limits: ProcessLimits, size: int) -> ProcessLimits:
    """Return the limits for reading a file of `size` bytes, so that a small one can't take long or fill the disk."""
    return replace(
        limits,
        seconds=limits.seconds + size // BYTES_PER_SECOND,
        cpu=MIN_CPU_SECONDS + size // BYTES_PER_CPU,
        scratch=min(limits.scratch, max(MIN_SCRATCH, SCRATCH_PER_BYTE * size)),
    )


def fit_analysis(limits: ProcessLimits, size: int) -> ProcessLimits:
    """Return the limits for all questions of a run about a log whose file had `size` bytes."""
    scratch = min(limits.scratch, max(4 * MIN_SCRATCH, SCRATCH_PER_BYTE * size))
    return replace(limits, seconds=ANALYSIS_SECONDS, cpu=2 * ANALYSIS_SECONDS, scratch=scratch)


def fit_request(limits: ProcessLimits, size: int, seconds: int) -> ProcessLimits:
    """Return the limits for what a request asks about a log whose file had `size` bytes: `seconds` at most."""
    fitted = fit_analysis(limits, size)
    return replace(fitted, seconds=min(fitted.seconds, seconds), cpu=min(fitted.cpu, 2 * seconds))


def to_bounds(limits: ProcessLimits) -> Bounds:
    """Return the bounds on a log that is read within the limits: as text it uses at most half of the scratch."""
    return Bounds(rows=limits.rows, columns=limits.columns, unpacked=limits.scratch // 2)


def fit_disk(limits: ProcessLimits, folder: Path, name: str) -> ProcessLimits:
    """Return the limits with `scratch` at most half of the disk's free space beyond the reserve.

    Half, because another child may start at any moment. Raises StorageFull if nothing is free.
    """
    room = (shutil.disk_usage(folder).free - limits.reserve) // 2
    if room <= 0:
        raise build_log_disk_full_error(name)
    is_short = room < limits.scratch
    return replace(limits, scratch=room, file=min(limits.file, room), disk_is_short=True) if is_short else limits


def start_child(module: str, folder: Path, *, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    """Start `python -m module` in `folder` with a bare environment; its stderr goes to `errors`."""
    child = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        # The files in its folder are data: nothing is imported from there.
        env={"PYTHONPATH": str(SOURCE_ROOT), "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1", "PATH": os.defpath},
        cwd=folder,
        start_new_session=True,  # Ctrl-C in a terminal is handled by the parent, not by the child
    )
    give_all_cores(child.pid)
    return child


def check_scratch(folder: Path, limits: ProcessLimits, name: str) -> None:
    """Raise BadInput if the files in `folder` exceed the limit, StorageFull if the disk's reserve is used."""
    if shutil.disk_usage(folder).free < limits.reserve:
        raise build_log_disk_full_error(name)
    entry = find_entry(folder)
    if entry is not None and entry.size > limits.scratch:
        raise build_log_disk_full_error(name) if limits.disk_is_short else build_scratch_error(name)


def explain_exit(code: int, errors: bytes, name: str) -> NetraError | OSError:
    """Return the error of a child that ended without an answer, from its exit code and the end of its stderr.

    An OSError means that somebody stopped it, which is no fault of its log.
    """
    if code == -signal.SIGXCPU:
        return build_timeout_error(name)
    if -code in STOP_SIGNALS or errors.rstrip().endswith(b"KeyboardInterrupt"):
        return InterruptedError("a child was stopped before it could ignore that")
    # Under a tight memory limit the C library may print this and exit with its own status. When the whole machine is
    # out of memory, the kernel kills the process.
    if code == -signal.SIGKILL or b"cannot allocate memory" in errors or b"std::bad_alloc" in errors:
        return build_memory_error(name)
    if code < 0:
        return BadInput(text('"{name}" could not be read. It may be damaged.', name=name))
    return Defect(f"A child failed: {errors.decode(errors='replace')[-2000:]}")


def read_error_tail(errors: IO[bytes]) -> bytes:
    """Return the end of what a child wrote to `errors`."""
    errors.seek(max(0, errors.seek(0, os.SEEK_END) - 4000))
    return errors.read()


def build_timeout_error(name: str) -> BadInput:
    words = text('"{name}" takes too long to process. Upload a shorter log, or Parquet, which is faster.', name=name)
    return BadInput(words)


def build_memory_error(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more memory than one log may use. Upload part of it.', name=name))


def build_scratch_error(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more disk space than one log may use. Upload part of it.', name=name))


def build_log_disk_full_error(name: str) -> StorageFull:
    return StorageFull(
        text(
            'There is not enough space on the server\'s disk for "{name}". Reading is retried automatically; try again '
            "later.",
            name=name,
        )
    )


def tie_to_parent() -> None:
    """Let only the parent end this process, or its death. What stops a service may signal all of its processes."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def apply_process_limits(limits: Mapping[str, int]) -> None:
    """Set hard limits on this process. Not RLIMIT_AS: DuckDB and its threads reserve far more than they use."""
    # At the first limit the kernel sends SIGXCPU, at the second SIGKILL.
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
    """Whether the log's own limit was exceeded, and the disk is not full."""
    signs = ("File too large", "max_temp_directory_size")
    return not limits["disk_is_short"] and any(sign in f"{error} {error.__cause__}" for sign in signs)


def error_to_json(error: BaseException, limits: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return an error of the log called `name` or of the disk as JSON data; None for a bug of ours."""
    if isinstance(error, MemoryError | RecursionError | duckdb.OutOfMemoryException):
        error = build_memory_error(name)
    elif isinstance(error, StorageFull):
        error = (build_scratch_error if is_own_limit(error, limits) else build_log_disk_full_error)(name)
    if isinstance(error, BadInput):
        return {"error": error.code, "message": to_json(error.message), "in_terminal": to_json(error.in_terminal)}
    if isinstance(error, StorageFull):
        return {"error": error.code, "message": to_json(error.message)}
    return None


def error_from_json(data: Any) -> NetraError | None:
    """Return the error that `error_to_json` described; None if `data` describes none."""
    match data:
        case {"error": StorageFull.code, "message": message}:
            return StorageFull(from_json(message))
        case {"error": BadInput.code, "message": message}:
            hint = data.get("in_terminal")
            return BadInput(from_json(message), in_terminal=None if hint is None else from_json(hint))
    return None
