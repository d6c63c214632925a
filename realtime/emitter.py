"""UserWebSocketEmitter, the only way for a run's events into its user's stream, and WebSocketBridgeFactory.

The factory makes one emitter for each attempt at a run.
"""

import asyncio
from collections.abc import Sequence
from functools import partial

from agents.run_rows import StepRecord
from agents.run_writer import RunItem
from core.context import UserExecutionContext
from core.events import AgentCompleted, AgentError, AgentEvent, AgentWriting, Event, ToolCompleted
from core.exceptions import InvalidContext, IsolationViolation, ScopeClosed
from realtime.writer.commit import WriteJob
from realtime.writer.stream_writer import StreamWriter
from tools.settlements import Settlement
from tools.spending.ledger import SpendEntry

SEPARATE_EVENTS = frozenset({AgentWriting, AgentCompleted, AgentError})
"""Events with an item of their own: a later state of a text replaces an earlier one, and nothing follows an end."""


class UserWebSocketEmitter:
    """Bound to one context for good; closed at the end of the run's attempt."""

    def __init__(self, context: UserExecutionContext, writer: StreamWriter) -> None:
        self._context = context
        self._writer = writer
        self._open_job: WriteJob | None = None  # the last item, if more events may join it
        self._open_events: list[Event] = []  # its events
        self._pending = 0
        self._item_settled = asyncio.Event()
        self._error: Exception | None = None
        self._is_closed = False

    async def emit(self, event: AgentEvent) -> None:
        self._check(event)
        is_joinable = type(event) not in SEPARATE_EVENTS
        if is_joinable and self._open_job is not None and self._writer.try_join(self._open_job):
            self._open_events.append(event)
            return
        events: list[Event] = [event]
        job = await self._submit(self._make_item(events), None)
        if is_joinable:
            self._open_job, self._open_events = job, events

    async def settle(self, event: ToolCompleted, settlement: Settlement) -> None:
        if settlement.attempt.user_id != self._context.user_id:
            raise IsolationViolation(
                f"another user's settlement was given to the emitter of run {self._context.run_id}"
            )
        self._check(event)
        await self._submit(self._make_item((event,), receipt=settlement), None)

    async def spend(self, entry: SpendEntry) -> None:
        if (entry.user_id, entry.run_id) != (self._context.user_id, self._context.run_id):
            raise IsolationViolation(f"another run's spending was given to the emitter of run {self._context.run_id}")
        self._check(None)
        await self._submit(self._make_item((), entries=(entry,)), None)

    async def flush(self) -> None:
        self._check(None)
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._submit(self._make_item(()), committed)
        await committed

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        self._check(event)
        if event.parent_request_id is not None:
            # What follows is stored after it, at the latest the end of the run, for which somebody waits.
            await self._submit(self._make_item((event,), step), None)
            return
        committed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._submit(self._make_item((event,), step), committed)
        # Cancelling this wait cancels the future only: the writer has the event already.
        await committed

    async def close(self) -> None:
        """Wait until everything emitted is settled. From now on, emitting raises ScopeClosed."""
        self._is_closed = True
        while self._pending:
            self._item_settled.clear()
            await self._item_settled.wait()

    def _make_item(
        self,
        events: Sequence[Event],
        step: StepRecord | None = None,
        receipt: Settlement | None = None,
        entries: tuple[SpendEntry, ...] = (),
    ) -> RunItem:
        context = self._context
        return RunItem(
            user_id=context.user_id,
            run_id=context.run_id,
            attempt=context.attempt,
            events=events,
            step=step,
            receipt=receipt,
            entries=entries,
        )

    async def _submit(self, item: RunItem, committed: "asyncio.Future[None] | None") -> WriteJob:
        on_settled = self._on_settled if committed is None else partial(self._on_committed, committed)
        if self._writer.is_full:
            await self._writer.wait_for_room()
        job = self._writer.submit(item, on_settled, awaited=committed is not None)
        # Later events come after this item, so none may join an earlier one.
        self._open_job = None
        self._pending += 1
        return job

    def _on_settled(self, error: Exception | None) -> None:
        self._pending -= 1
        self._item_settled.set()
        self._error = error or self._error

    def _on_committed(self, committed: "asyncio.Future[None]", error: Exception | None) -> None:
        self._pending -= 1
        self._item_settled.set()
        if not committed.cancelled():
            _resolve_future(committed, error)

    def _check(self, event: AgentEvent | None) -> None:
        if self._is_closed:
            raise ScopeClosed("this run's emitter is closed")
        own = self._context
        if event and (event.run_id, event.thread_id, event.attempt) != (own.run_id, own.thread_id, own.attempt):
            raise IsolationViolation(f"an event of run {event.run_id} was given to the emitter of run {own.run_id}")
        if self._error is not None:
            # Raised once, at the next event, so that the agent can still record how it ended.
            error, self._error = self._error, None
            raise error


def _resolve_future(committed: "asyncio.Future[None]", error: Exception | None) -> None:
    if error is None:
        committed.set_result(None)
    else:
        committed.set_exception(error)
        committed.exception()  # marks it as retrieved; a waiter gets it too


class WebSocketBridgeFactory:
    """Makes each run's emitter. It has the process's writer, and nothing of any user."""

    def __init__(self, writer: StreamWriter) -> None:
        self._writer = writer

    def for_context(self, context: UserExecutionContext) -> UserWebSocketEmitter:
        if not isinstance(context, UserExecutionContext):
            raise InvalidContext(f"an emitter needs a UserExecutionContext, not {type(context).__name__}")
        return UserWebSocketEmitter(context, self._writer)
