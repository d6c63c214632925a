"""UserWebSocketEmitter: the one way for the events of one run of one user into that user's stream."""

import asyncio

from agents.guard import RunItem, StepRecord
from netra.core.context import UserExecutionContext
from netra.core.events import AgentCompleted, AgentError, AgentEvent
from netra.core.exceptions import IsolationViolation, ScopeClosed
from realtime.writer import StreamWriter


class UserWebSocketEmitter:
    """Bound to one context for good; made by the bridge's factory, closed at the end of the run's attempt."""

    def __init__(self, context: UserExecutionContext, writer: StreamWriter) -> None:
        self._context = context
        self._writer = writer
        self._last: asyncio.Future[None] | None = None
        self._refused: BaseException | None = None
        self._closed = False

    async def emit(self, event: AgentEvent) -> None:
        await self._submit(event)

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        await self._submit(event, step, awaited=True)
        if self._last is None:
            return
        try:
            await asyncio.shield(self._last)
        except Exception:
            self._refused = None  # said just now
            raise

    async def close(self) -> None:
        """Wait for what was emitted; afterwards emitting raises ScopeClosed."""
        self._closed = True
        if self._last is not None:
            await asyncio.wait([self._last])

    async def _submit(self, event: AgentEvent, step: StepRecord | None = None, *, awaited: bool = False) -> None:
        if self._closed:
            raise ScopeClosed("this run's emitter is closed")
        mine = self._context
        if (event.run_id, event.thread_id, event.attempt) != (mine.run_id, mine.thread_id, mine.attempt):
            raise IsolationViolation(f"an event of run {event.run_id} was given to the emitter of run {mine.run_id}")
        if self._refused is not None:
            # Said once, at the next word, so that the agent can still tell how it ended.
            refused, self._refused = self._refused, None
            raise refused
        item = RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=(event,), step=step)
        self._last = await self._writer.submit(item, awaited=awaited)
        self._last.add_done_callback(self._noted)

    def _noted(self, committed: "asyncio.Future[None]") -> None:
        if not committed.cancelled() and (error := committed.exception()) is not None:
            self._refused = error
