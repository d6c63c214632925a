"""Compute answers about one log in a child process with hard limits, because an untrusted log must not exhaust a
process that serves others.

The child starts with the first question, answers the following ones, and exits when it is idle."""

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
from workloads.analysis.answers import (
    MAX_BYTES,
    Question,
    SharedAnswers,
    from_plain,
    to_plain,
)
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
from workloads.exact_json import dump_exact, load_exact
from workloads.invoices.invoice import BilledCosts
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.price_file import PriceFile

T = TypeVar("T")


class Calculator:
    """The child process that answers questions about the workload file at `path`, spilling into its own `temp`.

    It answers one question at a time; `interrupt` may be called from any thread. `name` is used in messages to users.
    All questions together may take `limits.seconds`.
    """

    def __init__(
        self,
        path: Path,
        temp: Path,
        assumptions: Assumptions,
        *,
        name: str,
        now: datetime,
        limits: ProcessLimits,
        invoice: BilledCosts | None = None,
        price_file: PriceFile | None = None,
    ):
        self._task: dict[str, Any] = {
            "path": str(path.absolute()),
            "temp": str(temp.absolute()),
            "assumptions": to_plain(assumptions),
            "invoice": None if invoice is None else to_plain(invoice),
            "price_file": None if price_file is None else price_file.to_text(),
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
        """Return the answer. Raises BadInput or StorageFull, also for an exceeded limit; RunCancelled if
        interrupted."""
        if self._interrupted:
            self._stop()  # the child was killed after its last answer: that is no fault of the log
            self._interrupted = False
        started = time.monotonic()
        try:
            line = self._ask(question) or self._ask(question)  # again, if the idle child exited at this very moment
        except BaseException:
            self._stop()
            raise
        finally:
            self._seconds_left -= time.monotonic() - started
        if line is None:
            raise Defect("a process that computes figures ended without an answer")
        return _parse_answer(load_exact(line), kind)

    def interrupt(self) -> None:
        """Stop the current question: its process is killed, and a new one answers the next question."""
        child = self._child  # read first: a child that is started after this must not be killed
        self._interrupted = True
        if child is not None:
            child.kill()

    def close(self) -> None:
        self._stop()

    def _ask(self, question: Question) -> bytes | None:
        """Return the answer as a line, or None if the process exited because it was idle."""
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
            _write_line(self._child, dump_exact({**self._task, "limits": asdict(self._fitted_limits)}))
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
            chunk = os.read(out.fileno(), 1 << 16)
            if not chunk:
                self._check_exit()
                return None
            line += chunk
            if len(line) > MAX_BYTES:
                raise Defect("an answer about a log is too long to be one")
        return bytes(line)

    def _check_exit(self) -> None:
        """Raise the error that ended the process, unless it exited normally."""
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
    answers_dir: Path | None,
    shared_answers: SharedAnswers | None = None,
    limits: ProcessLimits = DEFAULT_LIMITS,
    invoice: BilledCosts | None = None,
    price_file: PriceFile | None = None,
) -> Analysis:
    """Return an Analysis like `opening.open_analysis` does, but with a Calculator that computes the answers.

    This process opens only the cached answers, which are in `answers_dir` or shared, not the log. Errors of the log or
    the assumptions are raised by the first question, which can be interrupted.
    """
    now = datetime.now(UTC)
    cache = (
        None
        if answers_dir is None
        else AnswerCache(answers_dir, path, assumptions, now.date(), price_file, shared=shared_answers)
    )
    calculator = Calculator(
        path, temp, assumptions, name=name, now=now, limits=limits, invoice=invoice, price_file=price_file
    )
    return Analysis(_refuse_opening, assumptions, cache=cache, calculator=calculator, invoice=invoice)


def _refuse_opening() -> PricedLog:
    raise Defect("a log is not opened in a process that serves others")


def _parse_answer(data: Mapping[str, Any], kind: type[T]) -> T:
    match data:
        case {"answer": plain}:
            return from_plain(plain, kind)
    raise error_from_json(data) or Defect(f"figures could not be computed: {data.get('message')}")


def _write_line(child: "subprocess.Popen[bytes]", line: str) -> None:
    pipe = cast("IO[bytes]", child.stdin)
    pipe.write(line.encode() + b"\n")
    pipe.flush()


def _close_pipe(pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # the child did not read the rest
        pipe.close()
