from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.events import RunQueued, get_run_id
from core.exceptions import Defect, UserGone
from core.models import Event, UserStream
from core.stream import append as stream_append
from core.stream import read as stream_read
from core.stream.batches import Batch, Position, Resync
from core.stream.read import select_payloads
from tests.conftest import People

pytestmark = pytest.mark.django_db


def build_run_queued() -> RunQueued:
    return RunQueued(
        run_id=uuid4(), thread_id=uuid4(), message_id=uuid4(), client_id=None, text="", title="", workload_id=None
    )


def append(user_id: UUID, count: int = 1) -> Batch:
    with transaction.atomic():
        return stream_append.append_events(
            user_id, *[build_run_queued() for _ in range(count)], publish=stream_append.publish_to_nobody
        )


def read(user_id: UUID, position: Position, limit: int = 500) -> Batch:
    news = stream_read.read_after(user_id, position, limit=limit)
    assert isinstance(news, Batch)
    return news


def test_events_are_numbered_without_gaps_and_read_back(people: People) -> None:
    start = stream_read.get_head_position(people.owner.id)
    first, second = append(people.owner.id, 2), append(people.owner.id)
    assert (first.after, first.upto, second.after, second.upto) == (0, 2, 2, 3)
    assert read(people.owner.id, start).events == first.events + second.events


def test_each_user_has_their_own_stream(people: People) -> None:
    mine, theirs = append(people.owner.id), append(people.neighbour.id)
    assert (mine.upto, theirs.upto) == (1, 1)
    assert mine.epoch != theirs.epoch
    assert read(people.owner.id, Position(epoch=mine.epoch, seq=0)).events == mine.events
    assert read(people.stranger.id, stream_read.get_head_position(people.stranger.id)).events == ()


def test_a_rollback_appends_nothing(people: People) -> None:
    append(people.owner.id)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _ = (
            stream_append.append_events(
                people.owner.id, build_run_queued(), publish=stream_append.publish_to_nobody
            ).upto
            / 0
        )
    assert append(people.owner.id).upto == 2


@pytest.mark.django_db(transaction=True)
def test_appending_outside_a_transaction_is_refused(people: People) -> None:
    with pytest.raises(Defect, match="transaction"):
        stream_append.append_events(people.owner.id, build_run_queued(), publish=stream_append.publish_to_nobody)
    assert not Event.objects.exists()


def test_ranges_are_consecutive_for_any_page_size(people: People) -> None:
    position, told = stream_read.get_head_position(people.owner.id), append(people.owner.id, 7).events
    seen: list[object] = []
    while (batch := read(people.owner.id, position, limit=3)).events:
        assert batch.after == position.seq
        seen.extend(batch.events)
        position = batch.position
    assert tuple(seen) == told


def test_another_users_position_has_another_epoch(people: People) -> None:
    append(people.owner.id, 3)
    theirs = append(people.neighbour.id, 5).position
    news = stream_read.read_after(people.owner.id, theirs)
    assert isinstance(news, Resync)
    assert (news.user_id, news.position) == (people.owner.id, stream_read.get_head_position(people.owner.id))


def test_a_position_ahead_of_the_stream_is_resynced(people: People) -> None:
    ahead = Position(epoch=append(people.owner.id).epoch, seq=2)
    assert isinstance(stream_read.read_after(people.owner.id, ahead), Resync)


def test_a_new_epoch_is_resynced(people: People) -> None:
    old = append(people.owner.id).position
    UserStream.objects.filter(owner=people.owner).update(epoch=uuid4())
    assert isinstance(stream_read.read_after(people.owner.id, old), Resync)


def test_several_users_are_appended_in_one_call(people: People) -> None:
    with transaction.atomic():
        batches = stream_append.append_events_by_user(
            {people.owner.id: [build_run_queued()], people.neighbour.id: [build_run_queued(), build_run_queued()]},
            publish=stream_append.publish_to_nobody,
        )
    assert {user: batch.upto for user, batch in batches.items()} == {people.owner.id: 1, people.neighbour.id: 2}
    assert set(Event.objects.for_user(people.neighbour.id).values_list("run_id", flat=True)) == {
        get_run_id(event) for event in batches[people.neighbour.id].events
    }


def test_streams_with_the_same_epoch_are_kept_apart(people: People) -> None:
    """As after a restore that gave two users the same epoch: the owner decides, not the epoch."""
    mine, theirs = append(people.owner.id, 2), append(people.neighbour.id, 2)
    UserStream.objects.filter(owner=people.neighbour).update(epoch=mine.epoch)
    Event.objects.for_user(people.neighbour.id).update(epoch=mine.epoch)
    assert read(people.owner.id, Position(epoch=mine.epoch, seq=0)).events == mine.events
    assert read(people.neighbour.id, Position(epoch=mine.epoch, seq=0)).events == theirs.events


def test_events_of_an_earlier_epoch_are_not_read(people: People) -> None:
    append(people.owner.id, 3)
    UserStream.objects.filter(owner=people.owner).update(epoch=uuid4(), head=0)
    start = stream_read.get_head_position(people.owner.id)
    new = append(people.owner.id)
    assert read(people.owner.id, start).events == new.events


def test_stream_heads_are_locked_in_one_order(people: People) -> None:
    """Two writers that lock in different orders can wait for each other for ever."""
    users = [user.id for user in (people.owner, people.neighbour, people.stranger)]
    orders = []
    for named in (users, users[::-1]):
        with CaptureQueriesContext(connection) as asked, transaction.atomic():
            stream_append.append_events_by_user(
                {user: [build_run_queued()] for user in named}, publish=stream_append.publish_to_nobody
            )
        claims = [query["sql"] for query in asked if "UPDATE core_userstream" in query["sql"]]
        orders.append(list(dict.fromkeys(user for sql in claims for user in users if user.hex in sql.replace("-", ""))))
    assert orders[0] == orders[1]
    assert set(orders[0]) == set(users)


@pytest.mark.parametrize("change", ["floor", "epoch"])
def test_events_pruned_during_a_read_cause_a_resync(
    people: People, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    append(people.owner.id, 4)
    read_rows = select_payloads

    def pruned_meanwhile(*asked: Any) -> list[tuple[int, str]]:
        UserStream.objects.update(**({"floor": 2} if change == "floor" else {"epoch": uuid4()}))
        return read_rows(*asked)[2:]

    monkeypatch.setattr(stream_read, "select_payloads", pruned_meanwhile)
    first = stream_read.get_floor_position(people.owner.id)
    assert isinstance(stream_read.read_after(people.owner.id, first), Resync)


def test_a_position_before_the_retained_events_is_resynced(people: People) -> None:
    append(people.owner.id, 4)
    UserStream.objects.update(floor=2)
    epoch = stream_read.get_head_position(people.owner.id).epoch
    assert isinstance(stream_read.read_after(people.owner.id, Position(epoch=epoch, seq=1)), Resync)
    assert len(read(people.owner.id, Position(epoch=epoch, seq=2)).events) == 2
    assert stream_read.get_floor_position(people.owner.id).seq == 2


@pytest.mark.django_db(transaction=True)
def test_a_user_who_was_just_erased_gets_no_stream(people: People) -> None:
    gone = people.owner.id
    people.owner.delete()
    for read in (
        lambda: stream_read.get_head_position(gone),
        lambda: stream_read.get_floor_position(gone),
        lambda: stream_read.read_after(gone, Position(epoch=uuid4(), seq=0)),
    ):
        with pytest.raises(UserGone):
            read()
    assert not UserStream.objects.filter(owner_id=gone).exists()
