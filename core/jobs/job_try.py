"""One try at a job: its handler as a task, which can be aborted, interrupted, or run out of time."""

import asyncio
import logging
from typing import Literal

from core.jobs.job import Job
from core.jobs.kinds import AbortSignal, JobKind

log = logging.getLogger(__name__)

STOP_SECONDS = 10.0  # for a handler to end when the process stops
OVERTIME_STOP_SECONDS = 1.0  # for a handler to end when its time is over

Outcome = Literal["done", "failed", "interrupted", "overtime"]


class JobTry:
    """Made within the event loop, which starts the handler at once."""

    def __init__(self, kind: JobKind, job: Job) -> None:
        self._kind = kind
        self._job = job
        self._aborted = AbortSignal()
        self._is_interrupted = False
        self._wakened = asyncio.get_running_loop().create_future()
        self._task = asyncio.ensure_future(kind.handle(job, self._aborted))

    def abort(self) -> None:
        """Ask the handler to end by itself."""
        self._aborted.set()

    def interrupt(self) -> None:
        """Cancel the handler: the process stops, or the job was given to another."""
        self._is_interrupted = True
        self._wake()

    async def wait(self) -> Outcome:
        """Wait for the handler's end. A handler that doesn't end when it is cancelled is left behind."""
        # By callbacks: each of the three as a task of its own would cost more than all that a short job does here.
        self._task.add_done_callback(self._wake)
        timer = asyncio.get_running_loop().call_later(self._kind.seconds, self._wake)
        try:
            await self._wakened
        finally:
            timer.cancel()
        if self._task.done():
            return self._read_outcome()
        outcome: Outcome = "interrupted" if self._is_interrupted else "overtime"
        if not self._task.cancelling():  # a handler that stops already would be interrupted in it
            self._task.cancel()
        await asyncio.wait({self._task}, timeout=STOP_SECONDS if outcome == "interrupted" else OVERTIME_STOP_SECONDS)
        if not self._task.done():
            log.error("a job did not stop in time, and is no longer waited for: %s %s", self._job.kind, self._job.key)
            return outcome
        return outcome if self._task.cancelled() else self._read_outcome()

    def _wake(self, _: object = None) -> None:
        if not self._wakened.done():
            self._wakened.set_result(None)

    def _read_outcome(self) -> Outcome:
        if self._task.cancelled():
            return "failed"
        if (error := self._task.exception()) is None:
            return "done"
        log.error("a job failed: %s %s", self._job.kind, self._job.key, exc_info=error)
        return "failed"
