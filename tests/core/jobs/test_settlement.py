"""A worker that was frozen comes too late, whatever it says, and whoever has its job by now."""

from uuid import UUID

import pytest
from django.db import transaction

from core.jobs.embedded_queue import EmbeddedQueue
from core.jobs.job import ClaimedJob, Job
from core.jobs.job_try import Outcome
from core.jobs.kinds import JobKind
from core.jobs.settlement import recover_lost
from core.models import EmbeddedJob
from tests.core.jobs.engines import Engine, build_idle_kind, enqueue, open_engine

pytestmark = pytest.mark.django_db

KIND: JobKind = build_idle_kind("work")


@pytest.fixture
def engine() -> Engine:
    engine = open_engine()
    enqueue(engine, Job(kind="work", key="first", owner=UUID(int=1), lock="same"))
    return engine


def claim(engine: Engine, worker: str) -> ClaimedJob:
    claimed = engine.claim(worker, ["work"])
    assert claimed is not None
    return claimed


@pytest.mark.parametrize("next_worker", ["one", "two"])
@pytest.mark.parametrize("outcome", ["done", "failed", "interrupted", "overtime"])
def test_a_frozen_worker_does_not_settle_what_another_try_has(
    engine: Engine, outcome: Outcome, next_worker: str
) -> None:
    frozen = claim(engine, "one")
    engine.freeze("one")
    assert [each.fate for each in recover_lost(engine.queue, {"work": KIND})] == ["requeued"]
    engine.thaw("one")
    taken = claim(engine, next_worker)
    assert taken.job.losses == 1
    assert engine.settle(KIND, frozen, outcome) is None
    assert engine.queue.find_running("work", ["first"]) == {"first"}
    assert engine.settle(KIND, taken, "done") == "finished"
    assert engine.count() == 0


def test_a_lost_job_is_recovered_once(engine: Engine) -> None:
    claim(engine, "one")
    engine.freeze("one")
    (lost,) = engine.queue.list_lost(["work"])
    assert recover_lost(engine.queue, {"work": KIND}) != ()
    assert recover_lost(engine.queue, {"work": KIND}) == ()
    with transaction.atomic():
        assert not engine.queue.hold(lost, lost=True)  # as another process finds that looked at the same moment


def test_a_worker_that_is_heard_of_again_before_anybody_looks_keeps_its_job(engine: Engine) -> None:
    claimed = claim(engine, "one")
    engine.freeze("one")
    (lost,) = engine.queue.list_lost(["work"])
    engine.thaw("one")
    with transaction.atomic():
        assert not engine.queue.hold(lost, lost=True)
    assert engine.settle(KIND, claimed, "done") == "finished"


def test_a_lost_job_goes_on_before_its_owners_others(engine: Engine) -> None:
    for key in ("second", "third"):
        enqueue(engine, Job(kind="work", key=key, owner=UUID(int=1), lock="same"))
    claim(engine, "one")
    engine.freeze("one")
    recover_lost(engine.queue, {"work": KIND})
    order = []
    for _ in range(3):
        claimed = claim(engine, "two")
        order.append(claimed.job.key)
        engine.settle(KIND, claimed, "done")
    assert order == ["first", "second", "third"]


def test_an_embedded_worker_removes_only_its_own_jobs() -> None:
    taken = EmbeddedJob.objects.create(kind="work", worker="two")
    EmbeddedQueue().finish_all("one", [taken.id])
    assert EmbeddedJob.objects.filter(id=taken.id).exists()
    EmbeddedQueue().finish_all("two", [taken.id])
    assert not EmbeddedJob.objects.filter(id=taken.id).exists()
