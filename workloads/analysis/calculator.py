"""Answers about one log, computed in a child process with hard limits: a log is untrusted, and a process that serves
others must not pay for what it makes DuckDB or Python need.

The process is started with the first question, kept for those that follow, and ends by itself when it is left idle."""

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

from core.exceptions import Defect, RunCancelled
from workloads.analysis.analysis import Analysis
from workloads.analysis.answers import MAX_BYTES, Question, dump_answers, from_plain, load_answers, to_plain
from workloads.analysis.cache import AnswerCache
from workloads.analysis.priced_log import PricedLog
from workloads.child_process import (
    DEFAULT_LIMITS,
    POLL_SECONDS,
    ProcessLimits,
    build_timeout_error,
    check_scratch,
    error_from_json,
    explain_exit,
    fit_disk,
    read_error_tail,
    start_child,
)
from workloads.pricing.prices import Assumptions

T = TypeVar("T")


class Calculator:
    """The process that answers questions about the workload file at `path`, spilling into `temp`, which is its own.

    For one question at a time; `interrupt` may be called from any thread. `name` stands in what users are told. All
    questions together may take `limits.seconds`.
    """

    def __init__(
        self, path: Path, temp: Path, assumptions: Assumptions, *, name: str, now: datetime, limits: ProcessLimits
    ):
        self._task: dict[str, Any] = {
            "path": str(path.absolute()),
            "temp": str(temp.absolute()),
            "assumptions": to_plain(assumptions),
            "now": now.isoformat(),
            "name": name,
        }
        self._temp = temp
        self._name = name
        self._limits = limits
        self._fitted_limits = limits
        self._seconds_left = float(limits.seconds)
        self._child: subprocess.Popen[bytes] | None = None
        self._errors: IO[bytes] | None = None
        self._interrupted = False

    def answer(self, question: Question, kind: type[T]) -> T:
        """The answer. Raises BadInput or StorageFull, also where a limit was met, and RunCancelled if interrupted."""
        if self._interrupted:
            self._stop()  # the process was killed after its last answer: that is no word about the log
            self._interrupted = False
        began = time.monotonic()
        try:
            line = self._ask(question) or self._ask(question)  # it may have left, idle, in this very moment
        except BaseException:
            self._stop()
            raise
        finally:
            self._seconds_left -= time.monotonic() - began
        if line is None:
            raise Defect("a process that computes figures ended without an answer")
        return _parse_answer(load_answers(line), kind)

    def interrupt(self) -> None:
        """Stop the question under way: its process is killed, and another one answers what is asked next."""
        child = self._child  # looked at first: one that is started after this is not killed
        self._interrupted = True
        if child is not None:
            child.kill()

    def close(self) -> None:
        self._stop()

    def _ask(self, question: Question) -> bytes | None:
        """A line of answer, or None where the process had left for being idle."""
        try:
            child = self._ensure_started()
            _write_line(child, json.dumps(question))
        except BrokenPipeError:
            self._check_exit()
            return None
        return self._read_line(child)

    def _ensure_started(self) -> "subprocess.Popen[bytes]":
        if self._child is None:
            self._fitted_limits = fit_disk(self._limits, self._temp, self._name)
            self._errors = TemporaryFile()  # noqa: SIM115 - closed with the process
            self._child = start_child("workloads.analysis.calculator_child", self._temp, errors=self._errors)
            _write_line(self._child, dump_answers({**self._task, "limits": asdict(self._fitted_limits)}))
        return self._child

    def _read_line(self, child: "subprocess.Popen[bytes]") -> bytes | None:
        out, until, line = cast("IO[bytes]", child.stdout), time.monotonic() + self._seconds_left, bytearray()
        while not line.endswith(b"\n"):
            if self._interrupted:
                raise RunCancelled("The question was stopped.")
            if time.monotonic() > until:
                raise build_timeout_error(self._name)
            check_scratch(self._temp, self._fitted_limits, self._name)
            if not select.select([out], [], [], POLL_SECONDS)[0]:
                continue
            got = os.read(out.fileno(), 1 << 16)
            if not got:
                self._check_exit()
                return None
            line += got
            if len(line) > MAX_BYTES:
                raise Defect("an answer about a log is too long to be one")
        return bytes(line)

    def _check_exit(self) -> None:
        """Raise why the process ended, unless it left in peace."""
        code = 0 if self._child is None else self._child.wait()
        errors = read_error_tail(self._errors) if self._errors is not None else b""
        self._stop()
        if self._interrupted:
            raise RunCancelled("The question was stopped.")
        if code:
            raise explain_exit(code, errors, self._name)

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                _close_pipe(cast("IO[bytes]", pipe))
        if self._errors is not None:
            self._errors.close()
            self._errors = None


def open_analysis_in_child(
    path: Path,
    temp: Path,
    assumptions: Assumptions,
    *,
    name: str,
    keep_in: Path | None,
    limits: ProcessLimits = DEFAULT_LIMITS,
) -> Analysis:
    """`workloads.analysis.opening.open_analysis`, with all that is computed computed by a Calculator.

    No file of the log's is opened in this process but that of answers kept in `keep_in`. What is wrong with the log or
    with the assumptions is raised by the first question, which can be interrupted.
    """
    now = datetime.now(UTC)
    kept = None if keep_in is None else AnswerCache(keep_in, path, assumptions, now.date())
    calculator = Calculator(path, temp, assumptions, name=name, now=now, limits=limits)
    return Analysis(_refuse_opening, assumptions, kept=kept, calculator=calculator)


def _refuse_opening() -> PricedLog:
    raise Defect("a log is not opened in a process that serves others")


def _parse_answer(said: Mapping[str, Any], kind: type[T]) -> T:
    match said:
        case {"answer": found}:
            return from_plain(found, kind)
    raise error_from_json(said) or Defect(f"figures could not be computed: {said.get('message')}")


def _write_line(child: "subprocess.Popen[bytes]", line: str) -> None:
    pipe = cast("IO[bytes]", child.stdin)
    pipe.write(line.encode() + b"\n")
    pipe.flush()


def _close_pipe(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # of what it had not taken any more
        pipe.close()
