"""Processor time of processes, as Linux tells it."""

import os
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def used(pid: int) -> float:
    """Seconds of processor time that a process has taken so far, all its threads together."""
    # The second field, the program's name, may have spaces and brackets in it.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK
