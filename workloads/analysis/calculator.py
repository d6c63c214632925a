"""Figures of one log, computed in a process of its own with hard limits: a log is untrusted, and what it makes DuckDB
or Python need must not be needed by a process that serves others.

The process is started with the first question, kept for those that follow, and ends by itself when it is left idle.
"""

import json
import os
import select
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar, cast

from netra.core.exceptions import Defect, RunCancelled
from workloads.analysis import Analysis
from workloads.answers import MOST_BYTES, Question, dump, load, plain, revive
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
from workloads.kept import Kept
from workloads.ledger import Ledger
from workloads.prices import Assumptions

T = TypeVar("T")


class Calculator:
    """The process that answers questions about the workload file at `path`, spilling into `temp`, which is its own.

    For one question at a time; `interrupt` may be called from any thread. `name` stands in what users are told. All
    questions together may take `limits.seconds`.
    """

    def __init__(self, path: Path, temp: Path, assumptions: Assumptions, *, name: str, now: datetime, limits: Limits):
        self._task: dict[str, Any] = {
            "path": str(path.absolute()),
            "temp": str(temp.absolute()),
            "assumptions": plain(assumptions),
            "now": now.isoformat(),
            "name": name,
        }
        self._temp = temp
        self._name = name
        self._limits = limits
        self._fitted = limits
        self._left = float(limits.seconds)
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._interrupted = False

    def answer(self, question: Question, kind: type[T]) -> T:
        """The answer. Raises BadInput or StorageFull, also where a limit was met, and RunCancelled if interrupted."""
        if self._interrupted:
            self._end()  # the process was killed after its last answer: that is no word about the log
            self._interrupted = False
        began = time.monotonic()
        try:
            line = self._ask(question) or self._ask(question)  # it may have left, idle, in this very moment
        except BaseException:
            self._end()
            raise
        finally:
            self._left -= time.monotonic() - began
        if line is None:
            raise Defect("a process that computes figures ended without an answer")
        return _revived(load(line), kind)

    def interrupt(self) -> None:
        """Stop the question under way: its process is killed, and another one answers what is asked next."""
        child = self._child  # looked at first: one that is started after this is not killed
        self._interrupted = True
        if child is not None:
            child.kill()

    def close(self) -> None:
        self._end()

    def _ask(self, question: Question) -> bytes | None:
        """A line of answer, or None where the process had left for being idle."""
        try:
            child = self._started()
            _say(child, json.dumps(question))
        except BrokenPipeError:
            self._check_left_idle()
            return None
        return self._line(child)

    def _started(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            self._fitted = fit_disk(self._limits, self._temp, self._name)
            self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process
            self._child = start_child("workloads.calculation", self._temp, errors=self._errors)
            _say(self._child, dump({**self._task, "limits": asdict(self._fitted)}))
        return self._child

    def _line(self, child: "subprocess.Popen[bytes]") -> bytes | None:
        out, until, line = cast("IO[bytes]", child.stdout), time.monotonic() + self._left, bytearray()
        while not line.endswith(b"\n"):
            if self._interrupted:
                raise RunCancelled("The question was stopped.")
            if time.monotonic() > until:
                raise too_long(self._name)
            check_scratch(self._temp, self._fitted, self._name)
            if not select.select([out], [], [], POLL)[0]:
                continue
            got = os.read(out.fileno(), 1 << 16)
            if not got:
                self._check_left_idle()
                return None
            line += got
            if len(line) > MOST_BYTES:
                raise Defect("an answer about a log is too long to be one")
        return bytes(line)

    def _check_left_idle(self) -> None:
        """Raise why the process ended, unless it left in peace."""
        code = 0 if self._child is None else self._child.wait()
        errors = last_words(self._errors) if self._errors is not None else b""
        self._end()
        if self._interrupted:
            raise RunCancelled("The question was stopped.")
        if code:
            raise explain_end(code, errors, self._name)

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                _close(cast("IO[bytes]", pipe))
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def analyse_apart(
    path: Path, temp: Path, assumptions: Assumptions, *, name: str, keep_in: Path | None, limits: Limits = DEFAULT
) -> Analysis:
    """`workloads.analysis.open_analysis`, with all that is computed computed by a Calculator.

    No file of the log's is opened in this process but that of answers kept in `keep_in`. What is wrong with the log or
    with the assumptions is raised by the first question, which can be interrupted.
    """
    now = datetime.now(UTC)
    kept = None if keep_in is None else Kept(keep_in, path, assumptions, now.date())
    calculator = Calculator(path, temp, assumptions, name=name, now=now, limits=limits)
    return Analysis(_no_ledger, assumptions, kept=kept, calculator=calculator)


def _no_ledger() -> Ledger:
    raise Defect("a log is not opened in a process that serves others")


def _revived(said: Mapping[str, Any], kind: type[T]) -> T:
    match said:
        case {"answer": found}:
            return revive(found, kind)
    raise revive_error(said) or Defect(f"figures could not be computed: {said.get('message')}")


def _say(child: "subprocess.Popen[bytes]", line: str) -> None:
    pipe = cast("IO[bytes]", child.stdin)
    pipe.write(line.encode() + b"\n")
    pipe.flush()


def _close(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # of what it had not taken any more
        pipe.close()
