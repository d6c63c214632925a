"""Percentiles, and the memory and processor time of processes as Linux reports them."""

import math
import os
from collections.abc import Sequence
from pathlib import Path


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share * len(ordered)) - 1, 0)]


MEBI = 1 << 20


def read_resident_memory(pid: int) -> int:
    """Bytes that a process uses now."""
    return _read_status_field(pid, "VmRSS")


def read_peak_memory(pid: int) -> int:
    """The most bytes that a process ever held; 0 for one that is gone."""
    return _read_status_field(pid, "VmHWM")


def list_children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue  # a thread that has just ended
    return found


def read_command(pid: int) -> str:
    """Return the command line of a process; "" for one that is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def _read_status_field(pid: int, name: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0


TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def read_cpu_seconds(pid: int) -> float:
    """Seconds of processor time that a process has taken so far, all its threads together."""
    # The second field, the program's name, may have spaces and brackets in it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def read_tree_cpu_seconds(pid: int) -> float:
    """The same of a process with all its children, also those that have ended; 0 for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    own = sum(map(int, fields[11:15])) / TICKS_PER_SECOND
    return own + sum(map(read_tree_cpu_seconds, list_children(pid)))
