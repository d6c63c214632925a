"""What of a run its job changes: when it begins, when its worker is lost or stops, when it is given up."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from agents import run_queue, runs, supervision
from agents.models import Run, RunState
from agents.run_jobs import RUN, RUNS_AT_ONCE, build_run_job
from agents.run_queue import RunJob
from core.db import as_all_users
from core.jobs.job import Job
from core.models import Event, User
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import claim_queued_run, connection, queue_run
from tests.conftest import People
from tests.core.jobs.engines import Engine, open_engine
from tests.support.claimed_jobs import claim_job, count_losses, has_job, lose_workers
from tests.support.fakes import never_handle

pytestmark = pytest.mark.django_db


def begin(run: Run) -> RunJob | None:
    return run_queue.begin_run(build_run_job(run), run_seconds=60, publish=publish_to_nobody)


def requeue(run: Run) -> bool:
    with as_all_users(), transaction.atomic():
        return run_queue.requeue_run(build_run_job(run), publish=publish_to_nobody)


def recover() -> None:
    run_queue.recover_runs(publish=publish_to_nobody)


@pytest.fixture
def engine() -> Engine:
    return open_engine()


def claim_next(engine: Engine, worker: str = "one") -> Job | None:
    claimed = engine.claim(worker, [RUN])
    return None if claimed is None else claimed.job


def test_a_started_run_has_a_job_and_the_oldest_is_claimed_first_and_once(people: People, engine: Engine) -> None:
    first, second = queue_run(people.owner), queue_run(people.neighbour)
    assert [job.key for job in (claim_next(engine), claim_next(engine)) if job] == [str(first.id), str(second.id)]
    assert claim_next(engine) is None


def test_a_begun_run_has_its_owner(people: People) -> None:
    run = queue_run(people.owner, "why so dear?")
    begun = begin(run)
    assert begun is not None
    assert (begun.context.user_id, begun.context.run_id, begun.context.request_id) == (
        people.owner.id,
        run.id,
        run.request_id,
    )
    assert (begun.ask, begun.context.attempt, begun.context.depth) == ("why so dear?", 1, 0)


def test_a_job_with_another_owner_begins_nothing(people: People) -> None:
    run = queue_run(people.owner)
    foreign = Job(kind=RUN, key=str(run.id), owner=people.neighbour.id)
    assert run_queue.begin_run(foreign, run_seconds=60, publish=publish_to_nobody) is None
    assert Run.objects.get().state == RunState.QUEUED


def test_a_conversations_runs_begin_one_after_the_other(people: People, engine: Engine) -> None:
    first = queue_run(people.owner)
    second, third = (queue_run(people.owner, thread_id=first.thread_id) for _ in range(2))
    kind = run_queue.build_run_kind(never_handle, run_seconds=60, publish=publish_to_nobody)
    for run in (first, second, third):
        claimed = engine.claim("one", [RUN])
        assert claimed is not None
        assert claimed.job.key == str(run.id)
        assert claim_next(engine, "two") is None
        engine.settle(kind, claimed, "done")


def test_a_run_waiting_for_its_conversation_blocks_no_other(people: People, engine: Engine) -> None:
    first = queue_run(people.owner)
    assert claim_next(engine) is not None
    queue_run(people.owner, thread_id=first.thread_id)
    other = queue_run(people.neighbour)
    job = claim_next(engine)
    assert job is not None
    assert (job.key, job.owner) == (str(other.id), people.neighbour.id)


def test_a_user_has_so_many_runs_at_once_and_others_take_turns(people: People, engine: Engine) -> None:
    mine = [queue_run(people.owner) for _ in range(RUNS_AT_ONCE + 2)]
    theirs = [queue_run(people.neighbour) for _ in range(2)]
    claimed = [job for _ in range(RUNS_AT_ONCE + 4) if (job := claim_next(engine)) is not None]
    assert [job.key for job in claimed[:4]] == [str(run.id) for run in (mine[0], theirs[0], mine[1], theirs[1])]
    assert sum(job.owner == people.owner.id for job in claimed) == RUNS_AT_ONCE
    assert claim_next(engine) is None


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_runs_of_a_user_without_authority_are_stopped(people: People, change: dict[str, Any]) -> None:
    mine, theirs, waiting = claim_queued_run(people.owner), claim_queued_run(people.neighbour), queue_run(people.owner)
    User.objects.filter(id=people.owner.id).update(**change)
    stops = supervision.inspect_runs({each.context.run_id: 1 for each in (mine, theirs)}).stops
    assert {run_id: stop.reason for run_id, stop in stops.items()} == {mine.context.run_id: "revoked"}
    assert begin(waiting) is None
    assert Run.objects.get(id=waiting.id).error == "revoked"


def test_an_inspection_finds_lost_and_stopping_runs(people: People) -> None:
    mine, stopped, taken = (
        claim_queued_run(people.owner),
        claim_queued_run(people.owner),
        claim_queued_run(people.neighbour, "other"),
    )
    runs.cancel_run(connection(people.owner), stopped.context.run_id, publish=publish_to_nobody)
    Run.objects.filter(id=taken.context.run_id).update(attempt=2)
    gone = uuid4()
    attempts = {each.context.run_id: 1 for each in (mine, stopped, taken)} | {gone: 1}
    found = supervision.inspect_runs(attempts)
    assert (found.lost, set(found.stops)) == (frozenset({taken.context.run_id, gone}), {stopped.context.run_id})
    assert found.stops[stopped.context.run_id].reason == "cancelled"
    nothing = supervision.inspect_runs({})
    assert (nothing.lost, nothing.stops) == (frozenset(), {})


def test_an_old_attempt_is_lost(people: People) -> None:
    mine = claim_queued_run(people.owner)
    Run.objects.update(attempt=2)
    assert supervision.inspect_runs({mine.context.run_id: 1}).lost == {mine.context.run_id}


def test_a_run_that_was_queued_again_is_lost_and_one_that_has_ended_is_not(people: People) -> None:
    ended, queued = claim_queued_run(people.owner).context.run_id, claim_queued_run(people.neighbour).context.run_id
    Run.objects.filter(id=ended).update(state=RunState.COMPLETED)
    Run.objects.filter(id=queued).update(state=RunState.QUEUED)
    found = supervision.inspect_runs({ended: 1, queued: 1})
    assert found.lost == {queued}
    assert not found.stops


def test_a_lost_workers_run_is_queued_again(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    recover()
    assert Run.objects.get().state == RunState.RUNNING  # its worker is alive
    lose_workers()
    recover()
    assert Run.objects.get().state == RunState.QUEUED
    again = begin(Run.objects.get(id=run_id))
    assert again is not None
    assert again.context.attempt == 2


def test_a_run_that_loses_several_workers_ends_and_its_user_is_told(people: People) -> None:
    run = queue_run(people.owner)
    for losses in range(3):
        assert count_losses(RUN, run.id) == losses
        claim_job(RUN, run.id)
        assert begin(run) is not None
        lose_workers()
        recover()
    run.refresh_from_db()
    assert (run.state, run.error, run.attempt) == (RunState.FAILED, "worker_lost", 3)
    assert not has_job(RUN, run.id)
    types = Event.objects.for_user(people.owner.id).order_by("seq").values_list("type", flat=True)
    assert list(types) == ["run_queued", "agent_error"]
    assert "interrupted 3 times" in (run.ending or {})["message"]


def test_a_lost_run_that_was_to_stop_is_cancelled(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    runs.cancel_run(connection(people.owner), run_id, publish=publish_to_nobody)
    lose_workers()
    recover()
    assert Run.objects.get().state == RunState.CANCELLED
    assert not has_job(RUN, run_id)


def test_a_stopping_workers_run_is_queued_again_and_a_cancelled_one_ends(people: People) -> None:
    mine, stopped = (claim_queued_run(people.owner).context.run_id for _ in range(2))
    runs.cancel_run(connection(people.owner), stopped, publish=publish_to_nobody)
    assert requeue(Run.objects.get(id=mine))
    assert not requeue(Run.objects.get(id=stopped))
    assert Run.objects.get(id=mine).state == RunState.QUEUED
    assert Run.objects.get(id=stopped).state == RunState.CANCELLED


@pytest.mark.parametrize("state", [RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED])
def test_a_run_that_has_ended_is_not_touched(people: People, state: RunState) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    Run.objects.update(state=state)
    before = Run.objects.values().get()
    run = Run.objects.get(id=run_id)
    assert begin(run) is None
    assert not requeue(run)
    with as_all_users(), transaction.atomic():
        run_queue.give_up_run(build_run_job(run), "lost", publish=publish_to_nobody)
    assert Run.objects.values().get() == before


def test_a_run_that_does_not_stop_after_its_deadline_is_ended(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    with as_all_users(), transaction.atomic():
        run_queue.give_up_run(build_run_job(Run.objects.get()), "overtime", publish=publish_to_nobody)
    assert (Run.objects.get().state, Run.objects.get().error) == (RunState.FAILED, "deadline")
    assert Event.objects.filter(run_id=run_id, type="agent_error").count() == 1


def test_a_queued_run_that_is_cancelled_has_no_job_any_more(people: People) -> None:
    run = queue_run(people.owner)
    runs.cancel_run(connection(people.owner), run.id, publish=publish_to_nobody)
    assert not has_job(RUN, run.id)


def test_a_run_whose_job_is_gone_holds_up_no_other_of_its_conversation(people: People) -> None:
    gone = claim_queued_run(people.owner).context
    later = queue_run(people.owner, thread_id=gone.thread_id)
    assert begin(later) is not None
    assert Run.objects.get(id=gone.run_id).state == RunState.QUEUED
    assert supervision.inspect_runs({gone.run_id: 1}).lost == {gone.run_id}


def test_runs_without_a_job_get_one_in_their_order(people: People, engine: Engine) -> None:
    """As after a restored backup, or in the queue of another engine."""
    first = queue_run(people.owner)
    second = queue_run(people.owner, thread_id=first.thread_id)
    open_engine()  # which has no jobs
    Run.objects.filter(id=first.id).update(state=RunState.RUNNING, attempt=1, started_at=datetime.now(UTC))
    recovered = run_queue.recover_runs(publish=publish_to_nobody)
    assert [run.run_id for run in recovered] == [first.id, second.id]
    assert run_queue.recover_runs(publish=publish_to_nobody) == ()
    assert [job.key for job in (claim_next(engine), claim_next(engine)) if job] == [str(first.id)]
