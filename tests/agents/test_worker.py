import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, transaction

from agents import run_queue, run_writer, runs, supervision
from agents import worker as workers
from agents.models import Run, RunState
from agents.run_jobs import build_run_job
from agents.run_queue import RunJob, StopSignal
from agents.run_writer import RunItem
from core.events import AgentCompleted, build_agent_fields
from core.jobs import job_try
from core.models import Event
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import begin_claimed, connection, queue_run
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers
from tests.support.patience import PATIENCE
from tests.support.runners import running_runs

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_SECONDS", 0.02)
    monkeypatch.setattr("core.jobs.embedded_runner.POLL_SECONDS", 0.02)
    monkeypatch.setattr("core.jobs.settlement.RETRY_SECONDS", 0.02)


async def finish(job: RunJob, stop: StopSignal) -> None:
    mine = job.context
    event = AgentCompleted(**build_agent_fields(mine, "supervisor"), outcome="completed", summary="", duration_ms=0)
    item = RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=mine.attempt, events=(event,))
    await sync_to_async(run_writer.write_fenced)([item], publish=publish_to_nobody)


@dataclass(slots=True)
class Endless:
    """Work without end. Claimed is not begun: a test that stops it at once would stop what never ran."""

    begun: set[UUID] = field(default_factory=set)
    stopped: dict[UUID, bool] = field(default_factory=dict)  # whether by the user's wish

    async def __call__(self, job: RunJob, stop: StopSignal) -> None:
        self.begun.add(job.context.run_id)
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped[job.context.run_id] = stop.reason == "cancelled"

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
    async with running_runs(finish):
        await sync_to_async(queue_run)(people.owner)
        await sync_to_async(queue_run)(people.neighbour)
        await in_state(RunState.COMPLETED, 2)


async def test_a_worker_runs_no_more_than_its_capacity(people: People) -> None:
    at_work, most, go = 0, 0, asyncio.Event()

    async def slowly(job: RunJob, stop: StopSignal) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await go.wait()
        await finish(job, stop)
        at_work -= 1

    for user in (people.owner, people.neighbour, people.stranger):
        await sync_to_async(queue_run)(user)
    async with running_runs(slowly, capacity=2):
        await in_state(RunState.RUNNING, 2)
        go.set()
        await in_state(RunState.COMPLETED, 3)
    assert most == 2


async def test_a_runner_of_one_queue_leaves_the_other_runs(people: People) -> None:
    other = await sync_to_async(queue_run)(people.neighbour)
    await sync_to_async(queue_run)(people.owner, queue="mine")
    async with running_runs(finish, queue="mine"):
        await in_state(RunState.COMPLETED)
    assert (await Run.objects.aget(id=other.id)).state == RunState.QUEUED


async def test_a_run_of_a_queue_is_left_by_others_until_its_runner_is_lost(people: People) -> None:
    mine = await sync_to_async(queue_run)(people.owner, queue="mine")
    other = await sync_to_async(queue_run)(people.neighbour)
    async with running_runs(finish):
        await in_state(RunState.COMPLETED)
        assert (await Run.objects.aget(id=mine.id)).state == RunState.QUEUED
        await sync_to_async(begin_claimed)(mine.id)
        await sync_to_async(lose_workers)()
        await in_state(RunState.COMPLETED, 2)
    assert (await Run.objects.aget(id=other.id)).attempt == 1


async def test_a_users_cancel_stops_the_run_once_with_its_reason(people: People) -> None:
    seen: list[bool] = []

    async def forever(job: RunJob, stop: StopSignal) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.1)  # several inspections: a second cancel would end the telling
            seen.append(stop.reason == "cancelled")
            raise

    run = await sync_to_async(queue_run)(people.owner)
    async with running_runs(forever):
        await in_state(RunState.RUNNING)
        await sync_to_async(runs.cancel_run)(connection(people.owner), run.id, publish=publish_to_nobody)

        async def has_stopped() -> bool:
            return bool(seen)

        await until(has_stopped)
    assert seen == [True]


async def test_a_cancel_reaches_the_worker_through_the_queue(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "POLL_SECONDS", 3600)
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with running_runs(work):
        await work.has_begun()
        await sync_to_async(runs.cancel_run)(connection(people.owner), run.id, publish=publish_to_nobody)
        await work.is_stopped()
    assert work.stopped == {run.id: True}


async def test_a_stopping_process_requeues_its_runs(people: People) -> None:
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with running_runs(work):
        await work.has_begun()
    assert work.stopped == {run.id: False}
    assert (await Run.objects.aget()).state == RunState.QUEUED
    async with running_runs(finish):  # at once: nobody waits for a lease
        await in_state(RunState.COMPLETED)


async def test_a_lost_run_is_stopped_and_not_reported_as_cancelled(people: People) -> None:
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with running_runs(work):
        await work.has_begun()
        await Run.objects.aupdate(attempt=2)
        await work.is_stopped()
        assert work.stopped == {run.id: False}


async def test_a_run_that_emitted_its_end_is_not_stopped_before_it_is_stored(people: People) -> None:
    """It would lose what it has left to do, and be measured as given back."""
    returned: list[bool] = []

    async def ends_and_waits(job: RunJob, stop: StopSignal) -> None:
        await finish(job, stop)
        try:
            await asyncio.sleep(0.2)  # several inspections
        finally:
            returned.append(asyncio.current_task().cancelling() == 0)  # type: ignore[union-attr]

    async def over() -> bool:
        return bool(returned)

    await sync_to_async(queue_run)(people.owner)
    async with running_runs(ends_and_waits):
        await until(over)
    assert returned == [True]


async def test_a_dead_workers_run_is_taken_over(people: People) -> None:
    run = await sync_to_async(queue_run)(people.owner)
    await sync_to_async(begin_claimed)(run.id, "dead")
    await sync_to_async(lose_workers)()
    async with running_runs(finish):
        await in_state(RunState.COMPLETED)
    assert (await Run.objects.aget()).attempt == 2


async def test_a_crashed_run_is_tried_again_and_ends_in_the_end(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    async def crashes(job: RunJob, stop: StopSignal) -> None:
        if job.ask == "crash":
            raise RuntimeError("boom")
        await finish(job, stop)

    await sync_to_async(queue_run)(people.owner, "crash")
    await sync_to_async(queue_run)(people.neighbour, "fine")
    async with running_runs(crashes):
        await in_state(RunState.COMPLETED)
        await in_state(RunState.FAILED)
    crashed = await Run.objects.aget(owner=people.owner)
    assert (crashed.attempt, crashed.error) == (3, "worker_lost")
    assert caplog.text.count("a job failed: run") == 3


async def test_an_unavailable_database_does_not_stop_the_worker(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    inspect, failures = supervision.inspect_runs, [DatabaseError("away")]

    def away_once(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return inspect(*arguments)

    monkeypatch.setattr(supervision, "inspect_runs", away_once)
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with running_runs(work):
        await work.has_begun()
        await sync_to_async(runs.cancel_run)(connection(people.owner), run.id, publish=publish_to_nobody)
        await work.is_stopped()
    assert "the inspection of runs failed" in caplog.text


async def test_a_run_that_ignores_its_deadline_is_ended(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run_queue, "DEADLINE_GRACE_SECONDS", 0.1)
    monkeypatch.setattr(job_try, "OVERTIME_STOP_SECONDS", 0.05)
    go = asyncio.Event()

    async def holds_on(job: RunJob, stop: StopSignal) -> None:
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await go.wait()

    run = await sync_to_async(queue_run)(people.owner)
    try:
        async with running_runs(holds_on, run_seconds=0.1):
            await in_state(RunState.FAILED)
            await asyncio.sleep(0.1)  # several polls, in which it could be ended again
            go.set()
    finally:
        go.set()
    assert (await Run.objects.aget()).error == "deadline"
    assert await Event.objects.filter(run_id=run.id, type="agent_error").acount() == 1
    assert "did not stop in time" in caplog.text


async def test_a_stopping_process_does_not_wait_for_a_stuck_run(
    people: People, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(job_try, "STOP_SECONDS", 0.1)
    begun, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def holds_on(job: RunJob, stop: StopSignal) -> None:
        begun.set()
        while not go.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await go.wait()
        gone.set()

    await sync_to_async(queue_run)(people.owner)
    async with running_runs(holds_on):
        await begun.wait()
    assert (await Run.objects.aget()).state == RunState.QUEUED
    assert "did not stop in time" in caplog.text
    go.set()
    await gone.wait()


async def test_a_cancel_of_one_run_does_not_affect_another(people: People) -> None:
    mine, theirs = await sync_to_async(queue_run)(people.owner), await sync_to_async(queue_run)(people.neighbour)
    work = Endless()
    async with running_runs(work):
        await work.has_begun(2)
        await sync_to_async(runs.cancel_run)(connection(people.owner), mine.id, publish=publish_to_nobody)
        await work.is_stopped()
    assert work.stopped == {mine.id: True, theirs.id: False}


async def test_an_attempt_is_stopped_when_another_has_the_run(people: People) -> None:
    """As when its process was frozen, and another one has taken the run meanwhile."""
    run, work = await sync_to_async(queue_run)(people.owner), Endless()
    async with running_runs(work):
        await work.has_begun()
        await sync_to_async(take_over)(run)
        await work.is_stopped()
    run = await Run.objects.aget()
    assert (work.stopped, run.attempt) == ({run.id: False}, 2)


def take_over(run: Run) -> None:
    with transaction.atomic():
        assert run_queue.begin_run(build_run_job(run), run_seconds=60, publish=publish_to_nobody) is not None
