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
from typing import IO

from netra.core.exceptions import BadInput, Defect, NetraError, StorageFull
from netra.core.ondisk import look
from netra.language.text import text

ROOT = Path(__file__).resolve().parent.parent
POLL = 0.05  # seconds between looks at a child


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one child may use. `seconds` is wall time; all else is bytes, but for `open_files`.

    `file` is for each file that it writes, `scratch` for all of them together; `reserve` stays free on the disk for
    everything else: the database first of all.
    """

    seconds: int = 120
    data: int = 1 << 30
    file: int = 4 << 30
    scratch: int = 8 << 30
    reserve: int = 256 << 20
    open_files: int = 64
    disk_is_short: bool = False  # it is the disk that set `file` and `scratch`, and not the log


DEFAULT = Limits()


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
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PATH": os.defpath},
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
    words = text('"{name}" takes too long to read. Bring a shorter log, or Parquet, which is read faster.', name=name)
    return BadInput(words)


def too_much_memory(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more memory than one log may use. Upload a part of it.', name=name))


def too_much_scratch(name: str) -> BadInput:
    return BadInput(text('"{name}" needs more disk space than one log may use. Upload a part of it.', name=name))


def disk_full(name: str) -> StorageFull:
    return StorageFull(
        text('There is not enough room on the server\'s disk to read "{name}". It is read once there is.', name=name)
    )
