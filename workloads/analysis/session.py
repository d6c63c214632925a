"""A run's access to one log: the owner is checked, the log is opened once, questions run in a thread."""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.context import UserExecutionContext
from core.exceptions import BadInput, Conflict, Defect, IsolationViolation, ScopeClosed
from core.files import private_dir
from core.i18n.text import text
from workloads.analysis.analysis import Analysis
from workloads.analysis.calculator import open_analysis_in_child
from workloads.child_process import DEFAULT_LIMITS, ProcessLimits, fit_analysis
from workloads.files.installed import get_log_files
from workloads.invoices.invoice import BilledCosts
from workloads.invoices.storage import parse_stored_invoice
from workloads.kept_values import KeptLog, KeptValues, identify_log
from workloads.log_record import LogRecord, find_log
from workloads.models import UNREADY_STATES, Workload, WorkloadState
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.constraints import Constraints
from workloads.pricing.price_file import load_price_file

T = TypeVar("T")

MAX_OTHERS = 1
"""Further logs that a run may ask about."""


class AnalysisSession:
    """Use it with `async with`; after the block every question raises ScopeClosed. `temp` is the run's own folder and
    is removed at the end. `price_file` is the operator's. `log` is the log's record, if it was read already; `database`
    looks up any other. `kept` is what this process keeps of logs."""

    def __init__(
        self,
        context: UserExecutionContext,
        *,
        workload_id: UUID | None,
        assumptions: Assumptions,
        executor: Executor,
        data_dir: Path,
        temp: Path,
        limits: ProcessLimits = DEFAULT_LIMITS,
        price_file: Path | None = None,
        database: DatabaseExecutor | None = None,
        log: LogRecord | None = None,
        kept: KeptValues | None = None,
    ) -> None:
        if log is not None and (log.workload.owner_id, log.workload.id) != (context.user_id, workload_id):
            raise IsolationViolation("a session was given another log than that of its run")
        self._context = context
        self._workload_id = workload_id
        self._assumptions = assumptions
        self._executor = executor
        self._data_dir = data_dir
        self._temp = temp
        self._limits = limits
        self._price_file = price_file
        self._database = database or SharedThreadExecutor()
        self._log = log
        self._kept_values = kept
        self._kept: KeptLog | None = None  # of the log as it is asked about now
        self._analysis: Analysis | None = None
        self._opened = ExitStack()  # the log's file
        self._others: dict[UUID, AnalysisSession] = {}
        self._is_begun = False  # whether a question was given to a thread
        self._closed = False
        self._lock = asyncio.Lock()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        closing = []
        for each in (*self._others.values(), self):
            each._closed = True
            async with each._lock:
                closing += [self._executor.submit(each._close)] if each._is_begun else []
        # All are submitted before the first is waited for, and shielded, so that a process that is being stopped still
        # closes what it opened.
        await asyncio.shield(asyncio.gather(*map(asyncio.wrap_future, closing)))

    @property
    def workload_id(self) -> UUID | None:
        return self._workload_id

    @property
    def is_open(self) -> bool:
        """Whether any question was asked about the log; if not, none of its values was read."""
        return self._analysis is not None

    @property
    def assumptions(self) -> Assumptions:
        """What the run assumes about the log."""
        return self._assumptions

    async def add_constraints(self, constraints: Constraints) -> None:
        """Let all further questions keep to these limits, too. The log is opened anew for them."""
        async with self._lock:
            self._assumptions = replace(self._assumptions, constraints=constraints)
            self._kept = None
            await asyncio.get_running_loop().run_in_executor(self._executor, self._close_analysis)

    async def open_kept(self) -> KeptLog | None:
        """Return what is kept of this log as it is asked about now; None if nothing can be."""
        if self._closed or self._kept_values is None or self._log is None:
            return None
        if self._kept is None:
            log, assumptions, day = self._log, self._assumptions, datetime.now(UTC).date()
            asked = (log, assumptions, self._price_file, day)
            # On a thread if there is a file to look at.
            identity = identify_log(*asked) if not self._price_file else await asyncio.to_thread(identify_log, *asked)
            if identity is not None and self._assumptions is assumptions:
                self._kept = self._kept_values.open(self._context.user_id, log.workload.id, identity)
        return self._kept

    async def ask(self, question: Callable[[Analysis], T]) -> T:
        """Return the answer of `question`, computed in a thread. A cancelled question is interrupted, not abandoned."""
        async with self._lock:
            if self._closed:
                raise ScopeClosed("this run's access to its log is over")
            if self._log is None:
                self._log = await self._find_log()
            return await self._ask_interruptibly(question)

    async def ask_about(self, workload_id: UUID | None, question: Callable[[Analysis], T]) -> T:
        """Return the answer of `question` about this log, if None, or about another of the same user's, with the same
        assumptions.

        Raises NotFound for a log of anybody else, BadInput for more than MAX_OTHERS.
        """
        if workload_id is None or workload_id == self._workload_id:
            return await self.ask(question)
        if self._closed:
            raise ScopeClosed("this run's access to its log is over")
        if workload_id not in self._others:
            if len(self._others) >= MAX_OTHERS:
                raise BadInput(text("A question can be about at most {most} logs.", most=MAX_OTHERS + 1))
            self._others[workload_id] = AnalysisSession(
                self._context,
                workload_id=workload_id,
                assumptions=self._assumptions,
                executor=self._executor,
                data_dir=self._data_dir,
                temp=self._temp / f"other-{len(self._others) + 1}",
                limits=self._limits,
                price_file=self._price_file,
                database=self._database,
            )
        return await self._others[workload_id].ask(question)

    async def find_private_words(self, words: frozenset[str]) -> frozenset[str]:
        """Return those words that are values of the private columns of the logs that were asked about."""
        found = await self.ask(lambda analysis: analysis.find_private_words(words))
        for other in tuple(self._others.values()):
            if other.is_open:
                found |= await other.find_private_words(words)
        return found

    async def find_kept_words(self, words: frozenset[str]) -> frozenset[str]:
        """Return those words that are values of the further columns of the user's file."""
        return await self.ask(lambda analysis: analysis.find_kept_words(words))

    async def _ask_interruptibly(self, question: Callable[[Analysis], T]) -> T:
        self._is_begun = True
        work = self._executor.submit(self._run_question, question)
        answer = asyncio.wrap_future(work)
        answer.add_done_callback(_look_at_error)
        try:
            return await asyncio.shield(answer)
        except asyncio.CancelledError:
            if not work.cancel():  # it has started
                await self._interrupt_until_done(answer)
            raise

    async def _interrupt_until_done(self, answer: "asyncio.Future[T]") -> None:
        while not answer.done():
            # Repeated, because an interrupt between two statements of one question has no effect.
            if self._analysis is not None:
                self._analysis.interrupt()
            await asyncio.wait([answer], timeout=0.05)

    def _run_question(self, question: Callable[[Analysis], T]) -> T:
        if self._analysis is None:
            private_dir(self._temp)
            workload = self._get_workload()
            invoice = self._get_invoice(workload)
            with ExitStack() as opening:
                log = opening.enter_context(get_log_files(self._data_dir).open_log(workload))
                self._analysis = open_analysis_in_child(
                    log.path,
                    self._temp,
                    self._assumptions,
                    name=workload.name,
                    answers_dir=log.answers_dir,
                    shared_answers=log.shared_answers,
                    limits=fit_analysis(self._limits, workload.size),
                    invoice=invoice,
                    price_file=load_price_file(self._price_file),
                )
                self._opened = opening.pop_all()
        return question(self._analysis)

    def _close_analysis(self) -> None:
        analysis, self._analysis = self._analysis, None
        with self._opened:
            if analysis is not None:
                analysis.close()

    def _close(self) -> None:
        self._close_analysis()
        shutil.rmtree(self._temp, ignore_errors=True)

    async def _find_log(self) -> LogRecord:
        if self._workload_id is None:
            raise BadInput(text("No log is selected. Upload a log first."))
        user_id = self._context.user_id
        return await self._database.run(user_id, find_log, user_id, self._workload_id)

    def _get_invoice(self, workload: Workload) -> BilledCosts | None:
        row = None if self._log is None else self._log.invoice
        return None if row is None else parse_stored_invoice(row)

    def _get_workload(self) -> Workload:
        if self._log is None:
            raise Defect("a log is asked about that was not looked up")
        workload = self._log.workload
        if workload.state in UNREADY_STATES:
            raise Conflict(text("This log is still being read. Try again in a moment."))
        if workload.state != WorkloadState.READY:
            raise BadInput(text("This log could not be read: {why}", why=workload.error))
        return workload


def _look_at_error(answer: "asyncio.Future[Any]") -> None:
    """Nobody else may: who is cancelled a second time doesn't wait for the end of the question."""
    if not answer.cancelled():
        answer.exception()
