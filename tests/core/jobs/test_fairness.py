"""Users take turns: what one of them queues changes little for the others."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from core.jobs.job import Job, OpenJob, list_lanes, place_job
from tests.core.jobs.engines import Engine, build_idle_kind, enqueue, open_engine

pytestmark = pytest.mark.django_db

KIND = build_idle_kind("work")
FLOODER, OTHERS = UUID(int=1), [UUID(int=number) for number in range(2, 6)]
PLACES = 4
ROUNDS = 12


def measure_rounds(engine: Engine, flood: int) -> list[int]:
    """How many rounds the others' jobs take, from queueing to their end. In a round every place does one job, and one
    of the others queues one."""
    for number in range(flood):
        enqueue(engine, Job(kind="work", key=f"flood {number}", owner=FLOODER, at_once=8))
    queued, taken = dict[str, int](), list[int]()
    for number in range(ROUNDS):
        key = f"other {number}"
        # The places were filled before it came.
        running = [engine.claim("worker", ["work"]) for _ in range(PLACES)]
        enqueue(engine, Job(kind="work", key=key, owner=OTHERS[number % len(OTHERS)], at_once=8))
        queued[key] = number
        engine.queue.promote_next()  # as runners do, again and again
        for claimed in filter(None, running):
            engine.settle(KIND, claimed, "done")
            if claimed.job.key in queued:
                taken.append(number - queued[claimed.job.key])
    return taken


def test_many_queued_jobs_of_one_user_do_not_hold_up_the_others() -> None:
    alone, beside = measure_rounds(open_engine(), 0), measure_rounds(open_engine(), 200)
    assert len(beside) == len(alone) == ROUNDS - 1
    assert max(beside) <= 2 * max(alone)


def test_a_conversations_jobs_are_in_one_lane() -> None:
    job = Job(kind="work", owner=FLOODER, lock="conversation", at_once=4)
    used, *free = list_lanes(job)
    open_jobs = [OpenJob(used, "conversation", 0, is_running) for is_running in (True, False)]
    assert place_job(job, open_jobs).lane == used  # although others are free
    assert place_job(replace(job, lock="another"), open_jobs).lane in free


def test_a_burst_of_many_users_is_served_in_turns() -> None:
    engine = open_engine()
    for owner in (FLOODER, *OTHERS):
        for number in range(3):
            enqueue(engine, Job(kind="work", key=f"{owner.int}-{number}", owner=owner, at_once=8))
    order = []
    while (claimed := engine.claim("worker", ["work"])) is not None:
        order.append(claimed.job.key.partition("-")[2])
        engine.settle(KIND, claimed, "done")
        engine.queue.promote_next()
    assert order == ["0"] * 5 + ["1"] * 5 + ["2"] * 5


def test_a_users_second_job_is_not_overtaken_again_and_again() -> None:
    engine = open_engine()
    for key in ("first", "second"):
        enqueue(engine, Job(kind="work", key=key, owner=FLOODER, at_once=8))
    for owner in OTHERS:
        enqueue(engine, Job(kind="work", key=str(owner), owner=owner, at_once=8))
    order = []
    for _ in range(2 * (1 + len(OTHERS))):
        claimed = engine.claim("worker", ["work"])
        assert claimed is not None and claimed.job.owner is not None
        order.append(claimed.job.key)
        engine.settle(KIND, claimed, "done")
        engine.queue.promote_next()
        enqueue(engine, Job(kind="work", key=str(claimed.job.owner), owner=claimed.job.owner, at_once=8))
    assert order.index("second") <= 1 + len(OTHERS)  # in the second round


def test_a_job_that_is_promoted_keeps_what_it_is() -> None:
    engine = open_engine()
    at = datetime.now(UTC) - timedelta(seconds=1)
    for key in ("first", "second"):
        job = Job(kind="work", key=key, owner=FLOODER, lock="same", at_once=8, not_before=at, losses=1)
        enqueue(engine, job)
    claimed = engine.claim("worker", ["work"])
    assert claimed is not None and claimed.job.priority == 0
    assert engine.queue.promote_next() == 1
    engine.settle(KIND, claimed, "done")
    promoted = engine.claim("worker", ["work"])
    assert promoted is not None
    job = promoted.job
    assert (job.key, job.owner, job.lock, job.priority, job.losses) == ("second", FLOODER, "same", 0, 1)
