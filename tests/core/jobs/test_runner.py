"""The runner of the database's engine, with handlers of the test's own."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ParamSpec, TypeVar
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, connection, transaction

from core.concurrency.database_threads import SharedThreadExecutor, run_in_shared_thread
from core.jobs import pause, settlement
from core.jobs.job import Job
from core.jobs.kinds import GiveUpReason, JobKind
from core.jobs.queue import get_queue
from core.jobs.recovery import RECOVER, build_recovery
from tests.support.claimed_jobs import claim_job, has_job, lose_workers
from tests.support.patience import PATIENCE
from tests.support.runners import running_kinds

pytestmark = pytest.mark.django_db(transaction=True)

OWNER = UUID(int=1)

Params = ParamSpec("Params")
Result = TypeVar("Result")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine in ("embedded", "procrastinate"):
        monkeypatch.setattr(f"core.jobs.{engine}_runner.POLL_SECONDS", 0.02)
    monkeypatch.setattr("core.jobs.procrastinate_runner.RECOVERY_SECONDS", 0.05)
    monkeypatch.setattr(settlement, "RETRY_SECONDS", 0.02)


@dataclass(slots=True)
class Work:
    """What a kind's jobs did. `hold` lets them wait for their end."""

    hold: bool = False
    begun: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    given_up: list[tuple[str, GiveUpReason]] = field(default_factory=list)

    async def handle(self, job: Job, aborted: asyncio.Event) -> None:
        self.begun.append(job.key)
        if self.hold:
            await aborted.wait()
        self.done.append(job.key)

    def build_kind(self, **options: Any) -> JobKind:
        give_up = lambda job, reason: self.given_up.append((job.key, reason))  # noqa: E731
        return JobKind(**{"name": "work", "handle": self.handle, "seconds": 60, "give_up": give_up, **options})


def enqueue(key: str, **options: Any) -> None:
    with transaction.atomic():
        get_queue().enqueue(Job(**{"kind": "work", "key": key, "owner": OWNER, "at_once": 4, **options}))


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.01)


def is_over(key: str) -> Callable[[], Awaitable[bool]]:
    return sync_to_async(lambda: not has_job("work", key))


async def until_over(key: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await is_over(key)():
            await asyncio.sleep(0.01)


async def test_a_job_that_is_rolled_back_with_its_change_never_runs() -> None:
    def roll_back() -> None:
        with transaction.atomic():
            enqueue("never")
            transaction.set_rollback(True)

    work = Work()
    await sync_to_async(roll_back)()
    await sync_to_async(enqueue)("later")
    async with running_kinds(work.build_kind()):
        await until(lambda: work.done)
    assert work.begun == ["later"]


async def test_a_job_begins_not_before_its_time() -> None:
    work = Work()
    at = datetime.now(UTC) + timedelta(seconds=0.5)
    await sync_to_async(enqueue)("later", not_before=at)
    async with running_kinds(work.build_kind()):
        await until(lambda: work.done)
        assert datetime.now(UTC) >= at


async def test_a_running_job_is_asked_to_end_and_a_waiting_one_is_removed() -> None:
    work = Work(hold=True)
    await sync_to_async(enqueue)("first", lock="same")
    async with running_kinds(work.build_kind()):
        await until(lambda: work.begun)
        await sync_to_async(enqueue)("second", lock="same")

        def abort_both() -> None:
            with transaction.atomic():
                get_queue().abort("work", "second")
                get_queue().abort("work", "first")

        await sync_to_async(abort_both)()
        await until_over("first")
    assert (work.begun, work.done) == (["first"], ["first"])


async def test_a_job_that_takes_too_long_is_given_up() -> None:
    work = Work(hold=True)
    await sync_to_async(enqueue)("long")
    async with running_kinds(work.build_kind(seconds=0.1)):
        await until_over("long")
    assert work.given_up == [("long", "overtime")]


async def test_a_job_that_fails_is_tried_again_so_often_and_given_up(caplog: pytest.LogCaptureFixture) -> None:
    work, tries = Work(), list[int]()

    async def fail(job: Job, aborted: asyncio.Event) -> None:
        tries.append(job.losses)
        raise RuntimeError("a fault")

    await sync_to_async(enqueue)("broken")
    async with running_kinds(work.build_kind(handle=fail)):
        await until_over("broken")
    assert (tries, work.given_up) == ([0, 1, 2], [("broken", "lost")])
    assert caplog.text.count("a job failed: work broken") == 3


def has_tried(tries: list[int], count: int) -> bool:
    return len(tries) == count


async def test_a_job_interrupted_by_the_processes_end_is_no_loss() -> None:
    work, tries = Work(hold=True), list[int]()

    async def handle(job: Job, aborted: asyncio.Event) -> None:
        tries.append(job.losses)
        await work.handle(job, aborted)

    await sync_to_async(enqueue)("long")
    for count in (1, 2):
        async with running_kinds(work.build_kind(handle=handle)):
            await until(partial(has_tried, tries, count))
    assert tries == [0, 0]
    work.hold = False
    async with running_kinds(work.build_kind(handle=handle)):
        await until_over("long")
    assert work.done == ["long"]


@dataclass(slots=True)
class SlowExecutor(SharedThreadExecutor):
    """Begins all work late, as one whose threads are busy. `keys` are those of the work that was asked for."""

    keys: list[Hashable] = field(default_factory=list)

    async def run(
        self, key: Hashable, work: Callable[Params, Result], *args: Params.args, **kwargs: Params.kwargs
    ) -> Result:
        self.keys.append(key)
        await asyncio.sleep(0.2)
        return await run_in_shared_thread(work, *args, **kwargs)


async def test_a_failed_job_is_tried_again_if_the_process_stops_before_its_end_is_stored() -> None:
    async def fail(job: Job, aborted: asyncio.Event) -> None:
        work.begun.append(job.key)
        raise RuntimeError("a fault")

    work, slow = Work(), SlowExecutor()
    await sync_to_async(enqueue)("broken")
    async with running_kinds(work.build_kind(handle=fail), database=slow):
        # The embedded engine's only stores what has ended, beside all else.
        await until(lambda: work.begun and (RECOVER in slow.keys or connection.vendor != "postgresql"))
    assert await sync_to_async(has_job)("work", "broken")
    async with running_kinds(work.build_kind()):
        await until(lambda: work.done)


async def test_a_job_that_takes_longer_than_a_lease_stays_its_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.embedded_queue.LEASE", timedelta(seconds=0.2))
    work = Work(hold=True)
    await sync_to_async(enqueue)("long")
    async with running_kinds(work.build_kind()):
        await until(lambda: work.begun)
        await asyncio.sleep(0.6)
        assert not await sync_to_async(get_queue().list_lost)(["work"])
        await sync_to_async(end)("long")
        await until_over("long")
    assert (work.begun, work.done) == (["long"], ["long"])


async def test_lost_jobs_are_recovered_in_the_order_of_their_lock() -> None:
    work = Work()
    for key in ("first", "second"):
        await sync_to_async(enqueue)(key, lock="same")
    await sync_to_async(claim_job)("work", "first")
    await sync_to_async(lose_workers)()
    async with running_kinds(work.build_kind()):
        await until(lambda: len(work.done) == 2)
    assert sorted(work.done) == ["first", "second"]


async def test_a_users_second_job_is_not_kept_waiting_by_others_who_ask_on() -> None:
    """One place, and always somebody else's first job in the line."""

    async def handle(job: Job, aborted: asyncio.Event) -> None:
        work.done.append(job.key)
        if job.owner != OWNER:
            await sync_to_async(enqueue)(f"{job.key}+", owner=job.owner)

    work = Work()
    for key in ("first", "second"):
        await sync_to_async(enqueue)(key)
    for number in (2, 3, 4):
        await sync_to_async(enqueue)(str(number), owner=UUID(int=number))
    async with running_kinds(work.build_kind(handle=handle), concurrency=1):
        await until(lambda: "second" in work.done)
    assert len(work.done) > 4, "the others were before it in its round"


async def test_a_kind_is_repeated() -> None:
    work = Work()
    async with running_kinds(work.build_kind(every=timedelta(seconds=1))):
        await until(lambda: len(work.done) >= 2)
    assert set(work.done) == {""}


async def test_a_paused_runner_ends_what_it_has_begun_and_begins_nothing_else() -> None:
    work = Work(hold=True)
    await sync_to_async(enqueue)("running")
    async with running_kinds(work.build_kind()):
        await until(lambda: work.begun)
        await sync_to_async(pause.pause)()
        await asyncio.sleep(0.3)  # several looks
        await sync_to_async(enqueue)("waiting")
        await sync_to_async(end)("running")
        await until_over("running")
        await asyncio.sleep(0.3)
        assert (work.begun, work.done) == (["running"], ["running"])
        work.hold = False
        await sync_to_async(pause.resume)()
        await until(lambda: "waiting" in work.done)


def end(key: str) -> None:
    with transaction.atomic():
        get_queue().abort("work", key)


async def test_what_has_no_job_gets_one() -> None:
    work = Work()
    kind = work.build_kind(list_open=lambda: [Job(kind="work", key="open", owner=OWNER)] if not work.done else [])
    recovery = replace(build_recovery((kind,), SharedThreadExecutor()), every=timedelta(seconds=1))
    async with running_kinds(kind, recovery):
        await until(lambda: work.done)
    assert work.done == ["open"]


async def test_a_database_that_is_away_for_a_moment_ends_no_runner(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    find, failures = type(get_queue()).list_lost, [DatabaseError("away")]

    def away_once(*arguments: Any) -> Any:
        if failures:
            raise failures.pop()
        return find(*arguments)

    monkeypatch.setattr(type(get_queue()), "list_lost", away_once)
    work = Work()
    await sync_to_async(enqueue)("later")
    async with running_kinds(work.build_kind()) as runner:
        await until(lambda: work.done and not failures)
        assert runner.is_alive
    assert "failed, and is tried again" in caplog.text


async def test_the_end_of_a_job_is_stored_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.procrastinate_runner.SETTLE_PAUSES", (0.02, 0.02))
    hold, failures = type(get_queue()).hold, [DatabaseError("away")]

    def away_once(*arguments: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return hold(*arguments, **options)

    monkeypatch.setattr(type(get_queue()), "hold", away_once)
    monkeypatch.setattr("core.jobs.embedded_queue.LEASE", timedelta(seconds=0.3))  # after which it is recovered
    work = Work()
    await sync_to_async(enqueue)("once")
    async with running_kinds(work.build_kind()):
        await until_over("once")
    assert set(work.done) == {"once"}
