"""Ingest in a process of its own: a log is untrusted, and one that crashes DuckDB must not take others' runs along.

The child gets its task as JSON on stdin, a bare environment and hard limits; it answers with JSON on stdout.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Any

from netra.core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull
from netra.language.text import revived, text
from workloads.preview import Preview, preview_from
from workloads.schema import Source
from workloads.store import source_from

_ROOT = Path(__file__).resolve().parent.parent
_POLL = 0.05  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one import may use. `seconds` is wall time; `data` and `file` are bytes."""

    seconds: int = 120
    data: int = 1 << 30
    file: int = 4 << 30
    open_files: int = 64


DEFAULT = Limits()


def ingest_apart(
    path: Path,
    out: Path,
    *,
    format: str | None,
    mapping: Mapping[str, str],
    name: str,
    limits: Limits = DEFAULT,
    stop: Event | None = None,
    seen: Callable[[Preview], None] | None = None,
) -> Source:
    """`ingest`, in a child process. Blocks: call it in a thread, and set `stop` to have it killed.

    `seen` is called at most once, before this returns or raises, with what could be seen of the file's columns.
    Leaves nothing but the finished `out`, whatever happens. Raises what `ingest` raises, BadInput also when the child
    crashes or exceeds its limits, RunCancelled when stopped.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as work:
        made, glimpse = Path(work) / "log.duckdb", Path(work) / "preview.json"
        task = {
            "path": str(path.absolute()),
            "out": str(made.absolute()),
            "preview": str(glimpse.absolute()),
            "format": format,
            "mapping": dict(mapping),
            "name": name,
            "limits": asdict(limits),
        }
        try:
            answer = _run(task, limits, stop, name)
        finally:
            if seen is not None and glimpse.exists():
                seen(preview_from(json.loads(glimpse.read_text(encoding="utf-8"))))
        if "error" in answer:
            raise _told(answer)
        os.replace(made, out)
    return source_from(answer["source"])


def _told(answer: Mapping[str, Any]) -> BadInput | StorageFull:
    words = revived(answer["message"])
    if answer["error"] == StorageFull.code:
        return StorageFull(words)
    typed = answer.get("in_terminal")
    return BadInput(words, in_terminal=None if typed is None else revived(typed))


def _run(task: Mapping[str, Any], limits: Limits, stop: Event | None, name: str) -> dict[str, Any]:
    with subprocess.Popen(
        [sys.executable, "-m", "workloads.sandboxed"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1", "PATH": os.defpath},
        cwd=Path(task["out"]).parent,
        start_new_session=True,  # Ctrl-C in a terminal is for us to handle, not for the child
    ) as child:
        try:
            out, err = _wait(child, json.dumps(task).encode(), limits, stop, name)
        finally:
            child.kill()
    if child.returncode == 0:
        answer: dict[str, Any] = json.loads(out)
        return answer
    raise _death(child.returncode, err, name)


def _wait(
    child: "subprocess.Popen[bytes]", task: bytes, limits: Limits, stop: Event | None, name: str
) -> tuple[bytes, bytes]:
    until = time.monotonic() + limits.seconds
    pending: bytes | None = task
    while True:
        try:
            return child.communicate(pending, timeout=_POLL)
        except subprocess.TimeoutExpired:
            pending = None
        if stop is not None and stop.is_set():
            raise RunCancelled(f'Reading "{name}" was stopped.')
        if time.monotonic() > until:
            raise _too_long(name)


def _death(code: int, err: bytes, name: str) -> NetraError:
    if code == -signal.SIGXCPU:
        return _too_long(name)
    # Under a tight memory limit the C library may print this and leave with a status of its own.
    if code < 0 or b"cannot allocate memory" in err:
        return BadInput(text('"{name}" could not be read: it is damaged, or made so that reading it fails.', name=name))
    return Defect(f"Ingest failed: {err.decode(errors='replace')[-2000:]}")


def _too_long(name: str) -> BadInput:
    words = text('"{name}" takes too long to read. Bring a shorter log, or Parquet, which is read faster.', name=name)
    return BadInput(words)
