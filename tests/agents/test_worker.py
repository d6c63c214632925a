import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from agents import run_queue, run_writer, runs
from agents import worker as engines
from agents.models import Run, RunState
from agents.run_queue import RunJob, StopSignal
from agents.run_writer import RunItem
from agents.worker import RunWorker
from core.events import AgentCompleted, build_agent_fields
from core.models import Event
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import connection, queue_run
from tests.conftest import People
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "POLL_SECONDS", 0.02)


def engine(
    execute: Callable[[RunJob, StopSignal], Awaitable[None]],
    *,
    capacity: int = 4,
    run_id: UUID | None = None,
    run_seconds: float = 60,
) -> RunWorker:
    return RunWorker(execute, capacity=capacity, run_seconds=run_seconds, run_id=run_id, publish=publish_to_nobody)


async def finish(claim: RunJob, stop: StopSignal) -> None:
    mine = claim.context
    event = AgentCompleted(**build_agent_fields(mine, "supervisor"), outcome="completed", summary="", duration_ms=0)
    item = RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=(event,))
    await sync_to_async(run_writer.write_fenced)([item], publish=publish_to_nobody)


@dataclass(slots=True)
class Endless:
    """Work without end. Claimed is not begun: a test that stops it at once would stop what never ran."""

    begun: set[UUID] = field(default_factory=set)
    stopped: dict[UUID, bool] = field(default_factory=dict)  # whether by the user's wish

    async def __call__(self, claim: RunJob, stop: StopSignal) -> None:
        self.begun.add(claim.context.run_id)
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped[claim.context.run_id] = stop.reason == "cancelled"

    async def has_begun(self, count: int = 1) -> None:
        async def all_have() -> bool:
            return len(self.begun) == count

        await until(all_have)

    async def is_stopped(self) -> None:
        async def any_is() -> bool:
            return bool(self.stopped)

        await until(any_is)


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await condition():
            await asyncio.sleep(0.01)


async def in_state(state: RunState, count: int = 1) -> None:
    async def has_reached_state() -> bool:
        return await Run.objects.filter(state=state).acount() == count

    await until(has_reached_state)


async def test_a_worker_runs_queued_runs(people: People) -> None:
    async with engine(finish):
        await sync_to_async(queue_run)(people.owner)
        await sync_to_async(queue_run)(people.neighbour)
        await in_state(RunState.COMPLETED, 2)


async def test_a_worker_runs_no_more_than_its_capacity(people: People) -> None:
    at_work, most, go = 0, 0, asyncio.Event()

    async def slowly(claim: RunJob, stop: StopSignal) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await go.wait()
        await finish(claim, stop)
        at_work -= 1

    for user in (people.owner, people.neighbour, people.stranger):
        await sync_to_async(queue_run)(user)
    async with engine(slowly, capacity=2):
        await in_state(RunState.RUNNING, 2)
        go.set()
        await in_state(RunState.COMPLETED, 3)
    assert most == 2


async def test_a_worker_for_one_run_leaves_the_others(people: People) -> None:
    other = await sync_to_async(queue_run)(people.neighbour)
    mine = await sync_to_async(queue_run)(people.owner)
    async with engine(finish, run_id=mine.id):
        await in_state(RunState.COMPLETED)
    assert (await Run.objects.aget(id=other.id)).state == RunState.QUEUED


async def test_a_users_cancel_stops_the_run_once_with_its_reason(people: People) -> None:
    seen: list[bool] = []

    async def forever(claim: RunJob, stop: StopSignal) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)  # several ticks: a second cancel would end the telling
            seen.append(stop.reason == "cancelled")
            raise

    run = await sync_to_async(queue_run)(people.owner)
    async with engine(forever):
        await in_state(RunState.RUNNING)
        await sync_to_async(runs.cancel_run)(connection(people.owner), run.id, publish=publish_to_nobody)

        async def has_stopped() -> bool:
            return bool(seen)

        await until(has_stopped)
    assert seen == [True]


async def test_a_stopping_process_requeues_its_runs(people: People) -> None:
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with engine(work):
        await work.has_begun()
    assert work.stopped == {run.id: False}
    assert (await Run.objects.aget()).state == RunState.QUEUED


async def test_a_lost_run_is_stopped_and_not_reported_as_cancelled(people: People) -> None:
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with engine(work):
        await work.has_begun()
        await Run.objects.aupdate(worker="another", attempt=2)
        await work.is_stopped()
        assert work.stopped == {run.id: False}


async def test_a_run_that_emitted_its_end_is_not_stopped_before_it_is_stored(people: People) -> None:
    """It would lose what it has left to do, and be measured as given back."""
    returned: list[bool] = []

    async def ends_and_waits(claim: RunJob, stop: StopSignal) -> None:
        await finish(claim, stop)
        try:
            await asyncio.sleep(0.2)  # several ticks
        finally:
            returned.append(asyncio.current_task().cancelling() == 0)  # type: ignore[union-attr]

    async def over() -> bool:
        return bool(returned)

    await sync_to_async(queue_run)(people.owner)
    async with engine(ends_and_waits):
        await until(over)
    assert returned == [True]


async def test_a_dead_workers_run_is_taken_over(people: People) -> None:
    await sync_to_async(queue_run)(people.owner)
    await sync_to_async(run_queue.claim_run)(
        "dead", lease=timedelta(seconds=8), run_seconds=60, publish=publish_to_nobody
    )
    await Run.objects.aupdate(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    async with engine(finish):
        await in_state(RunState.COMPLETED)
    assert (await Run.objects.aget()).attempt == 2


async def renewals(count: int) -> None:
    """Until the one run's lease was prolonged so often."""
    before = [(await Run.objects.aget()).lease_until]

    async def longer() -> bool:
        now = (await Run.objects.aget()).lease_until
        if now is not None and (before[-1] is None or now > before[-1]):
            before.append(now)
        return len(before) > count

    await until(longer)


async def test_leases_are_renewed_during_a_run(people: People) -> None:
    go = asyncio.Event()

    async def slowly(claim: RunJob, stop: StopSignal) -> None:
        await go.wait()
        await finish(claim, stop)

    await sync_to_async(queue_run)(people.owner)
    async with engine(slowly):
        await in_state(RunState.RUNNING)
        await renewals(3)
        go.set()
        await in_state(RunState.COMPLETED)
    assert (await Run.objects.aget()).attempt == 1


async def test_a_crashed_run_does_not_stop_the_worker(people: People, caplog: pytest.LogCaptureFixture) -> None:
    async def crashes(claim: RunJob, stop: StopSignal) -> None:
        if claim.ask == "crash":
            raise RuntimeError("boom")
        await finish(claim, stop)

    await sync_to_async(queue_run)(people.owner, "crash")
    await sync_to_async(queue_run)(people.neighbour, "fine")
    async with engine(crashes):
        await in_state(RunState.COMPLETED)
    assert "without a terminal event" in caplog.text


async def test_an_unavailable_database_does_not_stop_the_worker(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sweep, failures = run_queue.reap_expired, [RuntimeError("away")]

    def away_once(**options: Any) -> int:
        if failures:
            raise failures.pop()
        return sweep(**options)

    monkeypatch.setattr(run_queue, "reap_expired", away_once)
    await sync_to_async(queue_run)(people.owner)
    async with engine(finish):
        await in_state(RunState.COMPLETED)
    assert "could not poll its queue" in caplog.text


async def test_a_run_that_ignores_its_deadline_is_ended(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "DEADLINE_GRACE_SECONDS", 0.1)
    go = asyncio.Event()

    async def holds_on(claim: RunJob, stop: StopSignal) -> None:
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await go.wait()

    run = await sync_to_async(queue_run)(people.owner)
    try:
        async with engine(holds_on, run_seconds=0.1):
            await in_state(RunState.FAILED)
            await asyncio.sleep(0.1)  # several ticks, in which it could be ended again
            go.set()
    finally:
        go.set()
    assert (await Run.objects.aget()).error == "deadline"
    assert await Event.objects.filter(run_id=run.id, type="agent_error").acount() == 1
    assert caplog.text.count("the worker ended it") == 1


async def test_a_stopping_process_does_not_wait_for_a_stuck_run(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engines, "STOP_TIMEOUT_SECONDS", 0.1)
    begun, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def holds_on(claim: RunJob, stop: StopSignal) -> None:
        begun.set()
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await go.wait()
        gone.set()

    await sync_to_async(queue_run)(people.owner)
    async with engine(holds_on):
        await begun.wait()
    assert (await Run.objects.aget()).state == RunState.QUEUED
    assert "that did not stop in time" in caplog.text
    go.set()
    await gone.wait()


async def test_a_cancel_of_one_run_does_not_affect_another(people: People) -> None:
    mine, theirs = await sync_to_async(queue_run)(people.owner), await sync_to_async(queue_run)(people.neighbour)
    work = Endless()
    async with engine(work):
        await work.has_begun(2)
        await sync_to_async(runs.cancel_run)(connection(people.owner), mine.id, publish=publish_to_nobody)
        await work.is_stopped()
    assert work.stopped == {mine.id: True, theirs.id: False}


async def test_a_new_attempt_waits_while_the_last_one_is_stopping(people: People) -> None:
    begun: list[int] = []
    go, next_has_begun = asyncio.Event(), asyncio.Event()

    async def stops_slowly(claim: RunJob, stop: StopSignal) -> None:
        begun.append(claim.context.attempt)
        try:
            if claim.context.attempt > 1:
                next_has_begun.set()
            await (go if claim.context.attempt > 1 else asyncio.Event()).wait()
        except asyncio.CancelledError:
            await next_has_begun.wait()
            raise
        await finish(claim, stop)

    await sync_to_async(queue_run)(people.owner)
    async with engine(stops_slowly):
        await in_state(RunState.RUNNING)
        await Run.objects.aupdate(state=RunState.QUEUED)  # another process swept it
        await next_has_begun.wait()
        await renewals(3)  # the second attempt lives on renewals alone
        go.set()
        await in_state(RunState.COMPLETED)
    assert begun == [1, 2]
