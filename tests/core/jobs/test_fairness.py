"""Users take turns: what one of them queues changes little for the others."""

from dataclasses import replace
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
    assert order == ["0"] * 5 + ["1"] * 5 + ["2"] * 5
