"""Ingest in a process of its own: a log is untrusted, and one that crashes DuckDB must not take others' runs along.

The child gets its task as JSON on stdin, a bare environment and hard limits. It leaves what it found as files: what the
columns look like, what came of the file, then, which it may not live to finish, the figures of a report.
"""

import logging
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event
from typing import Any

from netra.core.exceptions import BadInput, Defect, NetraError, RunCancelled, StorageFull
from workloads.answers import MOST_BYTES, dump, load, plain
from workloads.childerrors import revive_error
from workloads.confinement import (
    DEFAULT,
    POLL,
    Limits,
    check_scratch,
    explain_end,
    fit_disk,
    last_words,
    start_child,
    too_long,
)
from workloads.facts import FACTS, NOTHING_KNOWN, Facts
from workloads.folders import private
from workloads.preview import Preview, preview_from
from workloads.prices import Assumptions
from workloads.schema import Source
from workloads.store import source_from

__all__ = ["DEFAULT", "Figures", "Limits", "ingest_apart"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is to be computed of a log that was read: under which assumptions, kept in which folder, shown to whom."""

    assumptions: Assumptions
    keep_in: Path
    known: Callable[[Facts], None]


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
    figures: Figures | None = None,
) -> Source:
    """`ingest`, in a child process. Blocks: call it in a thread, and set `stop` to have it killed.

    `seen` is called at most once, before this returns or raises, with what could be seen of the file's columns.
    `figures` are computed by the same child; where that fails, the log is read all the same.
    Leaves nothing but the finished `out`, whatever happens. Raises what `ingest` raises, BadInput also when the child
    crashes or exceeds its limits, RunCancelled when stopped.
    """
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        work, fitted = Path(folder), fit_disk(limits, out.parent, name)
        task = {
            "path": str(path.absolute()),
            "work": str(work.absolute()),
            "format": format,
            "mapping": dict(mapping),
            "name": name,
            "limits": asdict(fitted),
            "figures": None if figures is None else plain(figures.assumptions),
        }
        try:
            failure = _run(task, work, fitted, stop)
        finally:
            if seen is not None and (glimpse := _left(work / "preview.json")) is not None:
                seen(preview_from(glimpse))
        source = _source(_left(work / "answer.json"), failure)
        os.replace(work / "log.duckdb", out)
        if figures is not None:
            _hand_on(figures, work, failure, name)
    return source


def _run(task: Mapping[str, Any], work: Path, limits: Limits, stop: Event | None) -> NetraError | None:
    """Have the child do the task. Returns why it ended early, if it did; what it left lies in `work`."""
    with TemporaryFile() as errors, start_child("workloads.sandboxed", work, errors=errors) as child:
        try:
            _wait(child, work, task, limits, stop)
        except (BadInput, StorageFull) as error:
            return error
        finally:
            child.kill()
        return explain_end(child.returncode, last_words(errors), task["name"]) if child.returncode else None


def _wait(
    child: "subprocess.Popen[bytes]", work: Path, task: Mapping[str, Any], limits: Limits, stop: Event | None
) -> None:
    until, name = time.monotonic() + limits.seconds, task["name"]
    pending: bytes | None = dump(task).encode()
    while True:
        try:
            child.communicate(pending, timeout=POLL)
        except subprocess.TimeoutExpired:
            pending = None
        else:
            return
        if stop is not None and stop.is_set():
            raise RunCancelled(f'Reading "{name}" was stopped.')
        if time.monotonic() > until:
            raise too_long(name)
        check_scratch(work, limits, name)


def _left(path: Path) -> Any:
    """What the child left in a file, or None."""
    if not path.exists():
        return None
    with path.open("rb") as file:
        said = file.read(MOST_BYTES + 1)
    if len(said) > MOST_BYTES:
        raise Defect(f"{path.name}: too long to be an answer")
    return load(said)


def _source(answer: Any, failure: NetraError | None) -> Source:
    match answer:
        case {"source": source}:
            return source_from(source)
    raise revive_error(answer) or failure or Defect("reading a log ended without an answer")


def _hand_on(figures: Figures, work: Path, failure: NetraError | None, name: str) -> None:
    """Put answers where they are kept and show the facts; what failed fails again, and plainly, when the user asks."""
    found, answers = _left(work / "facts.json"), work / "answers"
    if failure is not None or found is None:
        log.error("not everything about a log could be worked out: %s", failure or _said(work / "facts.error"))
    private(figures.keep_in)
    if answers.exists():
        os.replace(answers, figures.keep_in)
    figures.known(NOTHING_KNOWN if found is None else FACTS.validate_python(found))


def _said(path: Path) -> str:
    return path.read_text(encoding="utf-8")[-4000:] if path.exists() else "the child said nothing"
