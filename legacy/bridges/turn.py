"""BridgeTurn: the state behind the facades of one legacy agent's turn, closed when the turn ends.
It also records the isolation violations of that turn, each kind once."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import DatabaseError

from core import incidents
from core.concurrency.database_threads import run_in_shared_thread
from core.context import UserExecutionContext
from core.exceptions import IsolationViolation, ScopeClosed
from core.json_data import to_storable
from legacy.bridges.deprecation import UsageCounter, store_usage

log = logging.getLogger(__name__)
MAX_THOUGHT_CHARS = 8_000


@dataclass(slots=True)
class IsolationViolations:
    """The isolation violations of one turn. Each is stored at once, off the event loop; any thread may record one."""

    expected: UUID
    loop: asyncio.AbstractEventLoop
    first: IsolationViolation | None = None
    _recorded_keys: set[tuple[str, str, UUID | None]] = field(default_factory=set)
    _pending: list["Future[None]"] = field(default_factory=list)

    def record(self, kind: str, where: str, found: UUID | None, says: str) -> IsolationViolation:
        """Record a violation, each kind once because legacy code often retries, and return the error to raise."""
        violation = IsolationViolation(says)
        self.first = self.first or violation
        if (kind, where, found) not in self._recorded_keys:
            self._recorded_keys.add((kind, where, found))
            self._pending.append(asyncio.run_coroutine_threadsafe(self._store_incident(kind, where, found), self.loop))
        return violation

    async def wait_until_stored(self) -> None:
        """Wait until all are stored. One that cannot be stored is logged."""
        while self._pending:
            try:
                await asyncio.wrap_future(self._pending.pop())
            except Exception:
                log.exception("an isolation incident of a legacy agent could not be stored")

    async def _store_incident(self, kind: str, where: str, found: UUID | None) -> None:
        await run_in_shared_thread(incidents.record_incident, kind, where=where, expected=self.expected, found=found)


@dataclass(slots=True)
class BridgeTurn:
    """Belongs to one context. `think` sends a thought to the user; `task` is the task that runs the agent's turn."""

    context: UserExecutionContext
    agent: str
    think: Callable[[str], Awaitable[None]]
    usage: UsageCounter
    violations: IsolationViolations
    task: "asyncio.Task[Any] | None"
    thought_count: int = 0
    _is_open: bool = field(default=True, repr=False)

    def ensure_active(self) -> None:
        """Raises ScopeClosed after the turn, and CancelledError while it stops, which a bare `except:` may hide."""
        if not self._is_open:
            raise ScopeClosed(f"the turn of {self.agent} is over")
        if self.task is not None and self.task.cancelling():
            raise asyncio.CancelledError

    async def send_thought(self, text: str) -> bool:
        """Send the text to the user as a thought of the agent. Returns False if it is empty."""
        self.ensure_active()
        thought = to_storable(text).strip()
        if not thought:
            return False
        await self.think(thought if len(thought) <= MAX_THOUGHT_CHARS else thought[: MAX_THOUGHT_CHARS - 1] + "…")
        self.thought_count += 1
        return True

    async def close(self) -> None:
        """Close the turn and store its counts and violations. Counts that cannot be stored do not fail the run."""
        self._is_open = False
        await self.violations.wait_until_stored()
        try:
            await run_in_shared_thread(store_usage, dict(self.usage.counts))
        except DatabaseError:
            log.exception("the legacy API usage of %s could not be stored", self.agent)

    def __deepcopy__(self, memo: Mapping[int, Any]) -> "BridgeTurn":
        """A copied state belongs to the same turn."""
        return self


def start_turn(context: UserExecutionContext, agent: str, think: Callable[[str], Awaitable[None]]) -> BridgeTurn:
    return BridgeTurn(
        context=context,
        agent=agent,
        think=think,
        usage=UsageCounter(agent),
        violations=IsolationViolations(context.user_id, asyncio.get_running_loop()),
        task=asyncio.current_task(),
    )


def to_uuid(value: object) -> UUID | None:
    """Return the UUID of an id, which legacy code passes as a UUID or as text; None for anything else."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        return None
