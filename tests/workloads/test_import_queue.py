from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from tests.conftest import People
from tests.support.workloads.uploaded_logs import states, upload_log
from workloads import import_queue
from workloads.import_queue import ImportJob
from workloads.models import Workload

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=8)


def claim_next(worker: str = "me") -> ImportJob:
    claim = import_queue.claim_import(worker, lease=LEASE)
    assert claim is not None
    return claim


def silent(claim: ImportJob) -> None:
    """The claim's reader has not been heard of for too long."""
    Workload.objects.filter(id=claim.workload_id).update(lease_until=datetime.now(UTC) - LEASE)


def test_a_log_is_taken_up_once(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    claim = claim_next()
    assert (claim.workload_id, claim.user_id, claim.attempt) == (workload.id, people.owner.id, 1)
    assert import_queue.claim_import("another", lease=LEASE) is None
    assert states(people.owner) == ["queued", "reading"]


def test_users_take_turns_however_many_logs_one_of_them_has(people: People, tmp_path: Path) -> None:
    mine = [upload_log(people.owner, tmp_path).id for _ in range(3)]
    theirs = [upload_log(people.neighbour, tmp_path).id for _ in range(2)]
    order = []
    for _ in range(5):
        claim = claim_next()
        order.append(claim.workload_id)
        mark_ready(claim)
    assert order == [mine[0], theirs[0], mine[1], theirs[1], mine[2]]


def test_a_user_has_one_reader_at_a_time_so_that_another_is_free_for_who_comes(people: People, tmp_path: Path) -> None:
    first, second = (upload_log(people.owner, tmp_path).id for _ in range(2))
    mine = claim_next()
    assert mine.workload_id == first
    assert import_queue.claim_import("another", lease=LEASE) is None
    theirs = upload_log(people.neighbour, tmp_path).id
    assert claim_next("another").workload_id == theirs
    mark_ready(mine)
    assert claim_next().workload_id == second


def mark_ready(claim: ImportJob) -> None:
    Workload.objects.filter(id=claim.workload_id).update(state="ready")


def test_a_lease_is_renewed_by_its_holder_only(people: People, tmp_path: Path) -> None:
    upload_log(people.owner, tmp_path)
    claim = claim_next()
    assert import_queue.renew_lease(claim, lease=LEASE)
    silent(claim)
    import_queue.reap_expired()
    again = claim_next("another")
    assert not import_queue.renew_lease(claim, lease=LEASE)
    assert import_queue.renew_lease(again, lease=LEASE)


def test_a_log_that_is_gone_is_nobodys(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    claim = claim_next()
    workload.delete()
    assert not import_queue.renew_lease(claim, lease=LEASE)
    assert not import_queue.release_import(claim)


def test_a_silent_readers_log_is_read_by_another_at_most_so_often(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    for _ in range(import_queue.MAX_LOSSES):
        silent(claim_next())
        import_queue.reap_expired()
    workload.refresh_from_db()
    assert (workload.state, workload.error_code, workload.source) == ("failed", "reader_lost", None)
    assert "Try again" in workload.error
    assert states(people.owner)[-2:] == ["reading", "failed"]


def test_a_log_whose_readers_are_lost_stays_as_it_was_read_before(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    Workload.objects.filter(id=workload.id).update(source={"rows": 5})
    for _ in range(import_queue.MAX_LOSSES):
        silent(claim_next())
        import_queue.reap_expired()
    workload.refresh_from_db()
    assert (workload.state, workload.error_code, workload.source) == ("ready", "reader_lost", {"rows": 5})
    assert "previous version is still used" in workload.error


def test_a_reader_at_work_keeps_its_log(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    claim_next()
    assert import_queue.reap_expired() == 0
    workload.refresh_from_db()
    assert workload.state == "reading"


def test_what_a_stopping_reader_gives_back_counts_as_no_loss(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    for _ in range(import_queue.MAX_LOSSES + 1):
        assert import_queue.release_import(claim_next())
    workload.refresh_from_db()
    assert (workload.state, workload.losses) == ("queued", 0)


def test_what_found_no_room_is_read_again_the_more_often_the_later(people: People, tmp_path: Path) -> None:
    workload = upload_log(people.owner, tmp_path)
    other = upload_log(people.neighbour, tmp_path)
    Workload.objects.filter(id=other.id).update(state="failed", error_code="bad_input", raw_kept=True, attempt=1)

    def mark_failed(*, attempt: int, ago: timedelta, state: str = "failed") -> None:
        Workload.objects.filter(id=workload.id).update(
            state=state, error_code="storage_full", attempt=attempt, started_at=datetime.now(UTC) - ago
        )

    for attempt, wait in (
        (1, import_queue.MIN_RETRY_DELAY),
        (3, 4 * import_queue.MIN_RETRY_DELAY),
        (60, import_queue.MAX_RETRY_DELAY),
    ):
        mark_failed(attempt=attempt, ago=wait - timedelta(seconds=2))
        assert import_queue.requeue_after_full_disk() == 0
        mark_failed(attempt=attempt, ago=wait)
        assert import_queue.requeue_after_full_disk() == 1
        workload.refresh_from_db()
        assert (workload.state, workload.error_code) == ("queued", "")
    mark_failed(attempt=1, ago=import_queue.MIN_RETRY_DELAY, state="ready")  # an previous version is still used
    assert import_queue.requeue_after_full_disk() == 1
    other.refresh_from_db()
    assert other.state == "failed"


def test_a_log_that_another_reader_took_in_this_moment_counts_too(
    people: People, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at the queue and the claim: the claim is given up, and made when the other is done."""
    first, second = (upload_log(people.owner, tmp_path) for _ in range(2))
    Workload.objects.filter(id=first.id).update(state="failed")
    atomic = transaction.atomic

    def take_first() -> Any:
        Workload.objects.filter(id=first.id).update(state="reading")
        return atomic()

    with monkeypatch.context() as patch:
        patch.setattr(transaction, "atomic", take_first)
        assert import_queue.claim_import("me", lease=LEASE) is None
    second.refresh_from_db()
    assert (second.state, second.attempt) == ("queued", 0)
    assert states(people.owner).count("reading") == 0
    Workload.objects.filter(id=first.id).update(state="ready")
    assert claim_next().workload_id == second.id
