"""What of a log its jobs change: when it is read, when its worker is lost or stops, when the disk was full."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction

from core.jobs.job import ClaimedJob
from core.jobs.job_try import Outcome
from core.jobs.kinds import JobKind
from core.jobs.settlement import recover_lost
from core.stream.append import publish_to_nobody
from tests.conftest import People
from tests.core.jobs.engines import Engine, open_engine
from tests.support.claimed_jobs import claim_job, has_job, lose_workers
from tests.support.fakes import never_handle
from tests.support.workloads.uploaded_logs import begin_import, states, upload_log
from workloads import import_attempt, import_queue, logs
from workloads.import_queue import FIGURES, IMPORT, IMPORT_AGAIN, ImportJob
from workloads.models import Workload

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine() -> Engine:
    return open_engine()


def build_kind() -> JobKind:
    return JobKind(
        name=IMPORT,
        handle=never_handle,
        seconds=60,
        requeue=import_queue.requeue_import,
        give_up=import_queue.give_up_import,
        list_open=import_queue.list_unread,
    )


def claim_next(engine: Engine, worker: str = "me") -> ClaimedJob | None:
    return engine.claim(worker, [IMPORT])


def begin_next(engine: Engine, worker: str = "me") -> tuple[ClaimedJob, ImportJob]:
    claimed = claim_next(engine, worker)
    assert claimed is not None
    begun = import_queue.begin_import(claimed.job)
    assert begun is not None
    return claimed, begun


def end(engine: Engine, claimed: ClaimedJob, outcome: Outcome = "done") -> None:
    if outcome == "done":
        Workload.objects.filter(id=claimed.job.key).update(state="ready")
    engine.settle(build_kind(), claimed, outcome)


def lose(workload: Workload) -> None:
    """Its worker has not been heard of for too long."""
    begin_import(workload)
    lose_workers()
    from core.jobs.queue import get_queue

    recover_lost(get_queue(), {IMPORT: build_kind()})


def test_a_log_is_read_once(people: People, tmp_path: Path, engine: Engine) -> None:
    workload = upload_log(people.owner, tmp_path)
    _, begun = begin_next(engine)
    assert (begun.workload_id, begun.user_id, begun.attempt) == (workload.id, people.owner.id, 1)
    assert claim_next(engine, "another") is None
    assert states(people.owner) == ["queued", "reading"]


def test_users_take_turns_however_many_logs_one_of_them_has(people: People, tmp_path: Path, engine: Engine) -> None:
    mine = [upload_log(people.owner, tmp_path).id for _ in range(3)]
    theirs = [upload_log(people.neighbour, tmp_path).id for _ in range(2)]
    order = []
    for _ in range(5):
        claimed, begun = begin_next(engine)
        order.append(begun.workload_id)
        end(engine, claimed)
    assert order == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]


def test_a_user_has_one_reader_at_a_time_so_that_another_is_free_for_who_comes(
    people: People, tmp_path: Path, engine: Engine
) -> None:
    first, second = (upload_log(people.owner, tmp_path).id for _ in range(2))
    claimed, mine = begin_next(engine)
    assert mine.workload_id == first
    assert claim_next(engine, "another") is None
    theirs = upload_log(people.neighbour, tmp_path).id
    assert begin_next(engine, "another")[1].workload_id == theirs
    end(engine, claimed)
    assert begin_next(engine)[1].workload_id == second


def test_an_attempt_is_current_until_another_begins_or_the_log_is_gone(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    job, first = import_queue.build_job(IMPORT, workload), begin_import(workload)
    assert import_queue.is_current(first)
    second = import_queue.begin_import(job)
    assert second is not None
    assert not import_queue.is_current(first)
    assert import_queue.is_current(second)
    workload.delete()
    assert not import_queue.is_current(second)
    assert import_queue.begin_import(job) is None


def test_a_log_that_was_deleted_has_no_jobs(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    assert has_job(IMPORT, workload.id)
    logs.delete_log(people.owner.id, workload.id, tmp_path)
    assert not has_job(IMPORT, workload.id)


def test_a_job_with_another_owner_begins_nothing(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    foreign = import_queue.build_job(IMPORT, Workload(id=workload.id, owner=people.neighbour))
    assert import_queue.begin_import(foreign) is None


def test_a_silent_readers_log_is_read_by_another_at_most_so_often(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    for _ in range(3):
        lose(workload)
    workload.refresh_from_db()
    assert (workload.state, workload.error_code, workload.source) == ("failed", "reader_lost", None)
    assert "Try again" in workload.error
    assert states(people.owner)[-2:] == ["reading", "failed"]
    assert not has_job(IMPORT, workload.id)


def test_a_log_whose_readers_are_lost_stays_as_it_was_read_before(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    Workload.objects.filter(id=workload.id).update(source={"rows": 5})
    for _ in range(3):
        lose(workload)
    workload.refresh_from_db()
    assert (workload.state, workload.error_code, workload.source) == ("ready", "reader_lost", {"rows": 5})
    assert "previous version is still used" in workload.error


def test_a_log_that_takes_too_long_says_so(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    begin_import(workload)
    with transaction.atomic():
        import_queue.give_up_import(import_queue.build_job(IMPORT, workload), "overtime")
    workload.refresh_from_db()
    assert (workload.state, "took too long" in workload.error) == ("failed", True)


def test_a_reader_at_work_keeps_its_log(people: People, tmp_path: Path, engine: Engine) -> None:
    workload = upload_log(people.owner, tmp_path)
    begin_next(engine)
    assert recover_lost(engine.queue, {IMPORT: build_kind()}) == ()
    workload.refresh_from_db()
    assert workload.state == "reading"


def test_what_a_stopping_reader_gives_back_counts_as_no_loss(people: People, tmp_path: Path, engine: Engine) -> None:
    workload = upload_log(people.owner, tmp_path)
    for _ in range(4):
        claimed, _ = begin_next(engine)
        assert claimed.job.losses == 0
        end(engine, claimed, "interrupted")
        workload.refresh_from_db()
        assert workload.state == "queued"
    assert states(people.owner) == ["queued", *["reading", "queued"] * 4]


def test_logs_without_a_job_get_one(people: People, tmp_path: Path, engine: Engine) -> None:
    from core.jobs.settlement import enqueue_missing

    queued, reading, ready = (upload_log(user, tmp_path) for user in (people.owner, people.neighbour, people.stranger))
    open_engine()  # which has no jobs
    Workload.objects.filter(id=reading.id).update(state="reading", attempt=1)
    Workload.objects.filter(id=ready.id).update(state="ready")
    assert {job.key for job in enqueue_missing(engine.queue, build_kind())} == {str(queued.id), str(reading.id)}
    assert enqueue_missing(engine.queue, build_kind()) == ()


def test_what_found_no_room_is_read_again_the_more_often_the_later(people: People, tmp_path: Path) -> None:
    assert [import_queue.compute_retry_delay(attempt) for attempt in (1, 3, 60)] == [
        import_queue.MIN_RETRY_DELAY,
        4 * import_queue.MIN_RETRY_DELAY,
        import_queue.MAX_RETRY_DELAY,
    ]
    assert timedelta(seconds=1) <= import_queue.MIN_RETRY_DELAY


@pytest.mark.parametrize("state", ["failed", "ready"])  # ready: an earlier version is still used
def test_a_log_for_which_the_disk_was_full_is_read_again(people: People, tmp_path: Path, state: str) -> None:
    from core.exceptions import StorageFull
    from core.i18n.text import text

    workload = upload_log(people.owner, tmp_path)
    if state == "ready":
        Workload.objects.filter(id=workload.id).update(source={"rows": 5})
    full = import_attempt.ImportResult(error=StorageFull(text("The disk is full.")))
    import_attempt.store_result(begin_import(workload), full, tmp_path)
    workload.refresh_from_db()
    assert workload.state == state
    job = claim_job(IMPORT_AGAIN, workload.id).job
    assert not import_queue.retry_after_full_disk(job, has_space=False)
    assert has_job(IMPORT_AGAIN, workload.id)  # it looks again
    assert import_queue.retry_after_full_disk(job, has_space=True)
    workload.refresh_from_db()
    assert (workload.state, workload.error_code) == ("queued", "")
    assert not import_queue.retry_after_full_disk(job, has_space=True)  # once


def test_a_log_with_another_error_is_not_read_again(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    Workload.objects.filter(id=workload.id).update(state="failed", error_code="bad_input", raw_kept=True, attempt=1)
    assert list(import_queue.list_disk_full()) == []
    assert not import_queue.retry_after_full_disk(import_queue.build_retry(workload), has_space=True)


def test_prices_changed_while_a_log_is_read_are_computed_afterwards(people: People, tmp_path: Path) -> None:
    from tests.realtime.appenders import ready

    workload = upload_log(people.owner, tmp_path)
    logs.change_assumptions(people.owner.id, workload.id, {"assume_model": "gpt-4o"}, publish=publish_to_nobody)
    assert not has_job(FIGURES, workload.id)  # there are none yet
    ready(workload)
    logs.change_assumptions(people.owner.id, workload.id, {"assume_model": "gpt-4o"}, publish=publish_to_nobody)
    assert has_job(FIGURES, workload.id)
