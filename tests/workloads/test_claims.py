from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.conftest import People
from tests.workloads.arriving import arrived, states
from workloads import claims
from workloads.claims import Claim
from workloads.models import Workload

pytestmark = pytest.mark.django_db

LEASE = timedelta(seconds=8)


def taken(worker: str = "me") -> Claim:
    claim, _ = claims.claim(worker, lease=LEASE)
    assert claim is not None
    return claim


def silent(claim: Claim) -> None:
    """The claim's reader has not been heard of for too long."""
    Workload.objects.filter(id=claim.workload_id).update(lease_until=datetime.now(UTC) - LEASE)


def test_a_log_is_taken_up_once(people: People, tmp_path: Path) -> None:
    workload = arrived(people.owner, tmp_path)
    claim = taken()
    assert (claim.workload_id, claim.user_id, claim.attempt) == (workload.id, people.owner.id, 1)
    assert claims.claim("another", lease=LEASE) == (None, {})
    assert states(people.owner) == ["queued", "reading"]


def test_many_logs_of_one_user_do_not_hold_up_anothers(people: People, tmp_path: Path) -> None:
    mine = [arrived(people.owner, tmp_path).id for _ in range(3)]
    theirs = arrived(people.neighbour, tmp_path).id
    assert [taken().workload_id for _ in range(4)] == [mine[0], theirs, mine[1], mine[2]]


def test_a_lease_is_renewed_by_its_holder_only(people: People, tmp_path: Path) -> None:
    arrived(people.owner, tmp_path)
    claim = taken()
    assert claims.renew(claim, lease=LEASE)
    silent(claim)
    claims.sweep()
    again = taken("another")
    assert not claims.renew(claim, lease=LEASE)
    assert claims.renew(again, lease=LEASE)


def test_a_log_that_is_gone_is_nobodys(people: People, tmp_path: Path) -> None:
    workload = arrived(people.owner, tmp_path)
    claim = taken()
    workload.delete()
    assert not claims.renew(claim, lease=LEASE)
    assert claims.release(claim) == {}


def test_a_silent_readers_log_is_read_by_another_at_most_so_often(people: People, tmp_path: Path) -> None:
    workload = arrived(people.owner, tmp_path)
    for _ in range(claims.MAX_LOSSES):
        silent(taken())
        claims.sweep()
    workload.refresh_from_db()
    assert (workload.state, workload.error_code, workload.source) == ("failed", "reader_lost", None)
    assert "Try once more" in workload.error
    assert states(people.owner)[-2:] == ["reading", "failed"]


def test_a_reader_at_work_keeps_its_log(people: People, tmp_path: Path) -> None:
    workload = arrived(people.owner, tmp_path)
    taken()
    assert claims.sweep() == {}
    workload.refresh_from_db()
    assert workload.state == "reading"


def test_what_a_stopping_reader_gives_back_counts_as_no_loss(people: People, tmp_path: Path) -> None:
    workload = arrived(people.owner, tmp_path)
    for _ in range(claims.MAX_LOSSES + 1):
        assert people.owner.id in claims.release(taken())
    workload.refresh_from_db()
    assert (workload.state, workload.losses) == ("queued", 0)
