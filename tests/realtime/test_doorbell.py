import asyncio
from uuid import UUID, uuid4

from core.stream.batches import Batch, Position
from realtime.broadcast import to_group_name
from realtime.subscriptions import MAX_BATCHES, StreamSubscriptions
from tests.patience import PATIENCE

EPOCH = uuid4()


def batch(user: UUID, after: int, upto: int, epoch: UUID = EPOCH) -> Batch:
    return Batch(user_id=user, epoch=epoch, after=after, upto=upto, payloads=())


def at(seq: int, epoch: UUID = EPOCH) -> Position:
    return Position(epoch=epoch, seq=seq)


def test_a_batch_reaches_that_users_listeners_only() -> None:
    doorbells, mine, theirs = StreamSubscriptions(), uuid4(), uuid4()
    with doorbells.subscribe(mine) as one, doorbells.subscribe(mine) as two, doorbells.subscribe(theirs) as foreign:
        doorbells.publish({mine: batch(mine, 0, 2), uuid4(): batch(uuid4(), 0, 1)})
        assert [bell.next_batch(at(0)) for bell in (one, two)] == [batch(mine, 0, 2)] * 2
        assert foreign.next_batch(at(0)) is None
        assert not foreign.take_gap()


async def test_a_ring_without_a_batch_sends_to_the_database() -> None:
    doorbells, mine = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(mine) as bell:
        doorbells.notify([mine, uuid4()])
        await asyncio.wait_for(bell.wait(), PATIENCE)
        assert (bell.take_gap(), bell.take_gap()) == (True, False)


def test_batches_are_chained_and_old_ones_left_out() -> None:
    doorbells, mine = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(mine) as bell:
        doorbells.publish({mine: batch(mine, 0, 2)})
        doorbells.publish({mine: batch(mine, 2, 3)})
        assert bell.next_batch(at(2)) == batch(mine, 2, 3)
        assert bell.next_batch(at(3)) is None
        assert not bell.take_gap()


def test_a_batch_that_does_not_go_on_from_here_is_a_gap() -> None:
    doorbells, mine = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(mine) as bell:
        doorbells.publish({mine: batch(mine, 3, 4)})
        assert bell.next_batch(at(2)) is None
        assert bell.take_gap()
        doorbells.publish({mine: batch(mine, 2, 3, epoch=uuid4())})
        assert bell.next_batch(at(2)) is None
        assert bell.take_gap()


def test_a_slow_listener_costs_bounded_memory_and_reads_the_rest_from_the_database() -> None:
    doorbells, mine = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(mine) as bell:
        for seq in range(MAX_BATCHES * 3):
            doorbells.publish({mine: batch(mine, seq, seq + 1)})
        assert len(bell._batches) <= MAX_BATCHES
        assert bell.next_batch(at(0)) is None
        assert bell.take_gap()


def test_a_listener_that_left_is_forgotten() -> None:
    doorbells, user = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(user):
        with doorbells.subscribe(user) as bell:
            pass
        doorbells.notify([user])
        assert not bell.take_gap()
    assert doorbells.user_ids() == ()


def test_it_knows_who_must_look() -> None:
    doorbells, user = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(user) as bell:
        assert not doorbells.is_behind(user, at(1))  # it is still reading for the first time
        bell.position = at(1)
        assert not doorbells.is_behind(user, at(1))
        assert doorbells.is_behind(user, at(2))
        assert doorbells.is_behind(user, at(1, epoch=uuid4()))
        bell.notify()
        assert not doorbells.is_behind(user, at(2))  # it is about to look


def test_who_has_the_news_need_not_look_for_it() -> None:
    doorbells, user = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(user) as bell:
        bell.position = at(1)
        doorbells.publish({user: batch(user, 1, 3)})
        assert not doorbells.is_behind(user, at(3))
        assert bell.next_batch(at(1)) == batch(user, 1, 3)
        assert not doorbells.is_behind(user, at(3))  # it is being sent
        assert doorbells.is_behind(user, at(4))


def test_who_has_seen_what_is_gone_must_look() -> None:
    doorbells, user = StreamSubscriptions(), uuid4()
    with doorbells.subscribe(user) as bell:
        bell.position = at(5)
        doorbells.mark_positions()
        assert doorbells.is_behind(user, at(4))
        doorbells.publish({user: batch(user, 5, 6)})
        assert not doorbells.is_behind(user, at(5))  # committed since the head was read


def test_each_user_has_a_group_of_their_own() -> None:
    one, two = uuid4(), uuid4()
    assert to_group_name(one) != to_group_name(two)
    assert one.hex in to_group_name(one)
    assert len(to_group_name(one)) < 100
    assert to_group_name(one).replace(".", "").isalnum()
