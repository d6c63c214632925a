"""UserWebSocketEmitter: the one way for the events of one run of one user into that user's stream."""

import asyncio
from collections.abc import Sequence
from functools import partial

from agents.guard import RunItem, StepRecord
from netra.core.context import UserExecutionContext
from netra.core.events import AgentCompleted, AgentError, AgentEvent, AgentWriting, Event, ToolCompleted
from netra.core.exceptions import IsolationViolation, ScopeClosed
from realtime.commit import Job
from realtime.writer import StreamWriter
from tools.receipt import Receipt
from tools.spending.entry import Entry

ALONE = frozenset({AgentWriting, AgentCompleted, AgentError})
"""Events with an item of their own: a later state of a text takes an earlier one's place, and an end lets nothing
follow it."""


class UserWebSocketEmitter:
    """Bound to one context for good; made by the bridge's factory, closed at the end of the run's attempt."""

    def __init__(self, context: UserExecutionContext, writer: StreamWriter) -> None:
        self._context = context
        self._writer = writer
        self._waiting: Job | None = None  # the last item, if more may go along with it, and the events in it
        self._together: list[Event] = []
        self._outstanding = 0
        self._settled = asyncio.Event()
        self._refused: Exception | None = None
        self._closed = False

    async def emit(self, event: AgentEvent) -> None:
        self._check(event)
        company = type(event) not in ALONE
        if company and self._waiting is not None and self._writer.joins(self._waiting):
            self._together.append(event)
            return
        together: list[Event] = [event]
        job = await self._submit(self._item(together), None)
        if company:
            self._waiting, self._together = job, together

    async def settle(self, event: ToolCompleted, receipt: Receipt) -> None:
        if receipt.attempt.user_id != self._context.user_id:
            raise IsolationViolation(
                f"a receipt of another user was given to the emitter of run {self._context.run_id}"
            )
        self._check(event)
        await self._submit(self._item((event,), receipt=receipt), None)

    async def spend(self, entry: Entry) -> None:
        if (entry.user_id, entry.run_id) != (self._context.user_id, self._context.run_id):
            raise IsolationViolation(f"what another run spent was given to the emitter of {self._context.run_id}")
        self._check(None)
        await self._submit(self._item((), entries=(entry,)), None)

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        self._check(event)
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._submit(self._item((event,), step), committed)
        # A wait that is cancelled cancels this future and no more: the event is the writer's by now.
        await committed

    async def close(self) -> None:
        """Wait for what was emitted; afterwards emitting raises ScopeClosed."""
        self._closed = True
        while self._outstanding:
            self._settled.clear()
            await self._settled.wait()

    def _item(
        self,
        events: Sequence[Event],
        step: StepRecord | None = None,
        receipt: Receipt | None = None,
        entries: tuple[Entry, ...] = (),
    ) -> RunItem:
        mine = self._context
        return RunItem(
            user_id=mine.user_id,
            run_id=mine.run_id,
            attempt=mine.attempt,
            events=events,
            step=step,
            receipt=receipt,
            entries=entries,
        )

    async def _submit(self, item: RunItem, committed: "asyncio.Future[None] | None") -> Job:
        settled = self._noted if committed is None else partial(self._told, committed)
        if self._writer.full:
            await self._writer.room()
        job = self._writer.submit(item, settled, awaited=committed is not None)
        # What is said from here on comes after it.
        self._waiting = None
        self._outstanding += 1
        return job

    def _noted(self, error: Exception | None) -> None:
        self._outstanding -= 1
        self._settled.set()
        self._refused = error or self._refused

    def _told(self, committed: "asyncio.Future[None]", error: Exception | None) -> None:
        self._outstanding -= 1
        self._settled.set()
        if not committed.cancelled():
            _end(committed, error)

    def _check(self, event: AgentEvent | None) -> None:
        if self._closed:
            raise ScopeClosed("this run's emitter is closed")
        mine = self._context
        if event and (event.run_id, event.thread_id, event.attempt) != (mine.run_id, mine.thread_id, mine.attempt):
            raise IsolationViolation(f"an event of run {event.run_id} was given to the emitter of run {mine.run_id}")
        if self._refused is not None:
            # Said once, at the next word, so that the agent can still tell how it ended.
            refused, self._refused = self._refused, None
            raise refused


def _end(committed: "asyncio.Future[None]", error: Exception | None) -> None:
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)
        committed.exception()  # seen here; whoever awaits it gets it too
