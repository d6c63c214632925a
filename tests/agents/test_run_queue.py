from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from agents import leases, run_queue, runs
from agents.models import Run, RunState
from agents.run_queue import MAX_ATTEMPTS, RunJob
from core.models import Event, User
from core.stream.append import publish_to_nobody
from tests.agents.claimed_runs import LEASE, claim_queued_run, connection, queue_run
from tests.conftest import People

pytestmark = pytest.mark.django_db


def claim(worker: str = "one") -> RunJob | None:
    return run_queue.claim_run(worker, lease=LEASE, run_seconds=60, publish=publish_to_nobody)


def silence() -> None:
    """The worker has not renewed for longer than its lease."""
    Run.objects.filter(state=RunState.RUNNING).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))


def test_the_oldest_run_is_claimed_first_and_once(people: People) -> None:
    first, second = queue_run(people.owner), queue_run(people.neighbour)
    taken = [claim(), claim()]
    assert [each.context.run_id for each in taken if each] == [first.id, second.id]
    assert claim() is None


def test_a_claimed_run_has_its_owner(people: People) -> None:
    run = queue_run(people.owner, "why so dear?")
    taken = claim()
    assert taken is not None
    assert (taken.context.user_id, taken.context.run_id, taken.context.request_id) == (
        people.owner.id,
        run.id,
        run.request_id,
    )
    assert (taken.ask, taken.context.attempt, taken.context.depth) == ("why so dear?", 1, 0)


def test_a_conversation_runs_one_run_at_a_time(people: People) -> None:
    first = queue_run(people.owner)
    second = queue_run(people.owner, thread_id=first.thread_id)
    assert claim() is not None
    assert claim() is None
    Run.objects.filter(id=first.id).update(state=RunState.COMPLETED)
    taken = claim()
    assert taken is not None
    assert taken.context.run_id == second.id


def test_two_workers_do_not_both_claim_a_conversation(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    first = queue_run(people.owner)
    queue_run(people.owner, thread_id=first.thread_id)
    assert claim() is not None
    # As if both had looked before either wrote: the look finds no thread busy, the constraint still holds.
    monkeypatch.setattr(run_queue, "OPEN_STATES", ())
    assert claim("two") is None


def test_a_run_claimed_by_another_worker_is_not_claimed(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue_run(people.owner)
    look = type(Run.objects.all()).first

    def taken_meanwhile(query: object) -> object:
        found = look(query)  # type: ignore[arg-type]
        Run.objects.filter(id=run.id).update(state=RunState.CANCELLED)
        return found

    monkeypatch.setattr(type(Run.objects.all()), "first", taken_meanwhile)
    assert claim() is None


def test_renewing_returns_lost_and_stopping_runs(people: People) -> None:
    mine, stopped, foreign = (
        claim_queued_run(people.owner),
        claim_queued_run(people.owner),
        claim_queued_run(people.neighbour, "other"),
    )
    runs.cancel_run(connection(people.owner), stopped.context.run_id, publish=publish_to_nobody)
    held = {each.context.run_id: 1 for each in (mine, stopped, foreign)}
    renewed = leases.renew_leases("first", held, lease=LEASE)
    assert (renewed.lost, set(renewed.stops)) == (frozenset({foreign.context.run_id}), {stopped.context.run_id})
    assert renewed.stops[stopped.context.run_id].reason == "cancelled"
    nothing = leases.renew_leases("first", {}, lease=LEASE)
    assert (nothing.lost, nothing.stops) == (frozenset(), {})


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_runs_of_a_user_without_authority_are_stopped(people: People, change: dict[str, Any]) -> None:
    mine, theirs, waiting = claim_queued_run(people.owner), claim_queued_run(people.neighbour), queue_run(people.owner)
    User.objects.filter(id=people.owner.id).update(**change)
    stops = leases.renew_leases("first", {each.context.run_id: 1 for each in (mine, theirs)}, lease=LEASE).stops
    assert {run_id: stop.reason for run_id, stop in stops.items()} == {mine.context.run_id: "revoked"}
    assert run_queue.claim_run("first", lease=LEASE, run_seconds=60, publish=publish_to_nobody) is None
    assert Run.objects.get(id=waiting.id).error == "revoked"


def test_an_old_attempt_is_lost_on_renewal(people: People) -> None:
    mine = claim_queued_run(people.owner)
    Run.objects.update(attempt=2)
    assert leases.renew_leases("first", {mine.context.run_id: 1}, lease=LEASE).lost == {mine.context.run_id}


def test_a_run_ended_by_another_is_lost_on_renewal(people: People) -> None:
    ended, swept = queue_run(people.owner), queue_run(people.neighbour)
    assert claim() is not None
    assert claim() is not None
    Run.objects.filter(id=ended.id).update(state=RunState.COMPLETED)
    Run.objects.filter(id=swept.id).update(cancel_requested_at=datetime.now(UTC))
    silence()
    assert run_queue.reap_expired(publish=publish_to_nobody) == 1
    renewed = leases.renew_leases("one", {ended.id: 1, swept.id: 1}, lease=LEASE)
    assert renewed.lost == {swept.id}
    assert not renewed.stops


def test_a_silent_workers_run_is_requeued(people: People) -> None:
    claim_queued_run(people.owner)
    assert run_queue.reap_expired(publish=publish_to_nobody) == 0
    silence()
    assert run_queue.reap_expired(publish=publish_to_nobody) == 1
    again = claim("two")
    assert again is not None
    assert again.context.attempt == 2


def test_a_run_that_loses_several_workers_ends(people: People) -> None:
    claim_queued_run(people.owner)
    Run.objects.update(attempt=MAX_ATTEMPTS)
    silence()
    run_queue.reap_expired(publish=publish_to_nobody)
    run = Run.objects.get()
    assert (run.state, run.error) == (RunState.FAILED, "worker_lost")
    types = Event.objects.for_user(people.owner.id).order_by("seq").values_list("type", flat=True)
    assert list(types) == ["run_queued", "agent_error"]


def test_a_lost_run_that_was_to_stop_is_cancelled(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    runs.cancel_run(connection(people.owner), run_id, publish=publish_to_nobody)
    silence()
    run_queue.reap_expired(publish=publish_to_nobody)
    assert Run.objects.get().state == RunState.CANCELLED


def test_a_run_renewed_before_reaping_is_kept(people: People) -> None:
    claim_queued_run(people.owner)
    assert run_queue._requeue_or_end(Run.objects.get().id, 1, publish_to_nobody) is False
    assert run_queue._requeue_or_end(uuid4(), 1, publish_to_nobody) is False


def test_a_stopping_worker_requeues_its_runs(people: People) -> None:
    claim_queued_run(people.owner)
    claim_queued_run(people.neighbour, "other")
    assert leases.release_runs("first") == 1
    assert Run.objects.for_user(people.owner.id).get().state == RunState.QUEUED
    assert Run.objects.for_user(people.neighbour.id).get().state == RunState.RUNNING


def test_a_run_waiting_for_its_conversation_blocks_no_other(people: People) -> None:
    first = queue_run(people.owner)
    assert claim() is not None
    queue_run(people.owner, thread_id=first.thread_id)
    other = queue_run(people.neighbour)
    taken = claim()
    assert taken is not None
    assert (taken.context.run_id, taken.context.user_id) == (other.id, people.neighbour.id)


def test_each_claimed_run_has_its_own_owner(people: People) -> None:
    owners = {queue_run(user).id: user.id for user in (people.owner, people.neighbour, people.stranger)}
    taken = [each.context for each in (claim(), claim(), claim()) if each]
    assert {each.run_id: each.user_id for each in taken} == owners


@pytest.mark.parametrize("meanwhile", [{"state": RunState.COMPLETED}, {"attempt": 2}])
def test_a_run_that_continued_before_reaping_is_not_touched(people: People, meanwhile: dict[str, object]) -> None:
    claim_queued_run(people.owner)
    silence()
    Run.objects.update(**meanwhile)
    before = Run.objects.values().get()
    assert run_queue._requeue_or_end(before["id"], 1, publish_to_nobody) is False
    assert Run.objects.values().get() == before


def test_a_stopping_workers_cancelled_run_is_not_requeued(people: People) -> None:
    run_id = claim_queued_run(people.owner).context.run_id
    runs.cancel_run(connection(people.owner), run_id, publish=publish_to_nobody)
    leases.release_runs("first")
    assert claim("two") is None
    run_queue.reap_expired(publish=publish_to_nobody)
    assert Run.objects.get().state == RunState.CANCELLED
