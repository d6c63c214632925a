"""The child's side of `workloads.confinement`: what a process that works on an untrusted file holds itself to."""

import ctypes
import resource
import signal
import sys
from collections.abc import Mapping

FULL_DISK = ("No space left on device", "File too large", "Could not write all bytes", "max_temp_directory_size")
"""How DuckDB words it; there is no exception class of its own for it."""


def end_with_parent() -> None:
    """Have the kernel kill this process with the one that started it: nobody would wait for its answer."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # 1: PR_SET_PDEATHSIG


def confine(limits: Mapping[str, int]) -> None:
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


def means_full(error: Exception) -> bool:
    """Whether DuckDB found no room for what it wrote."""
    return any(sign in str(error) for sign in FULL_DISK)


def met_limit(error: BaseException, limits: Mapping[str, int]) -> bool:
    """Whether it was a limit of the log's own that left no room, and not the disk."""
    signs = ("File too large", "max_temp_directory_size")
    return not limits["disk_is_short"] and any(sign in f"{error} {error.__cause__}" for sign in signs)
