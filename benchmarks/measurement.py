"""What processes hold in memory, as Linux tells it."""

from pathlib import Path

MEBI = 1 << 20


def resident(pid: int) -> int:
    """Bytes that a process holds now."""
    return _field(pid, "VmRSS")


def peak(pid: int) -> int:
    """The most bytes that a process ever held; 0 for one that is gone."""
    return _field(pid, "VmHWM")


def children(pid: int) -> list[int]:
    """The processes that a process started and that are still there."""
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue  # a thread that has just ended
    return found


def _field(pid: int, name: str) -> int:
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) * 1024
    except OSError:
        return 0
    return 0
