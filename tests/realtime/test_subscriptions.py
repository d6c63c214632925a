import asyncio
from uuid import UUID, uuid4

from core.stream.batches import Batch, Position
from realtime.broadcast import to_group_name
from realtime.subscriptions import MAX_BATCHES, StreamSubscriptions
from tests.support.patience import PATIENCE

EPOCH = uuid4()


def batch(user: UUID, after: int, upto: int, epoch: UUID = EPOCH) -> Batch:
    return Batch(user_id=user, epoch=epoch, after=after, upto=upto, payloads=())


def at(seq: int, epoch: UUID = EPOCH) -> Position:
    return Position(epoch=epoch, seq=seq)


def test_a_batch_reaches_that_users_listeners_only() -> None:
    subscriptions, mine, theirs = StreamSubscriptions(), uuid4(), uuid4()
    with (
        subscriptions.subscribe(mine) as one,
        subscriptions.subscribe(mine) as two,
        subscriptions.subscribe(theirs) as foreign,
    ):
        subscriptions.publish({mine: batch(mine, 0, 2), uuid4(): batch(uuid4(), 0, 1)})
        assert [subscription.next_batch(at(0)) for subscription in (one, two)] == [batch(mine, 0, 2)] * 2
        assert foreign.next_batch(at(0)) is None
        assert not foreign.take_gap()


async def test_a_notification_without_a_batch_reads_the_database() -> None:
    subscriptions, mine = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(mine) as subscription:
        subscriptions.notify([mine, uuid4()])
        await asyncio.wait_for(subscription.wait(), PATIENCE)
        assert (subscription.take_gap(), subscription.take_gap()) == (True, False)


def test_batches_are_consecutive_and_old_ones_skipped() -> None:
    subscriptions, mine = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(mine) as subscription:
        subscriptions.publish({mine: batch(mine, 0, 2)})
        subscriptions.publish({mine: batch(mine, 2, 3)})
        assert subscription.next_batch(at(2)) == batch(mine, 2, 3)
        assert subscription.next_batch(at(3)) is None
        assert not subscription.take_gap()


def test_a_batch_that_does_not_follow_is_a_gap() -> None:
    subscriptions, mine = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(mine) as subscription:
        subscriptions.publish({mine: batch(mine, 3, 4)})
        assert subscription.next_batch(at(2)) is None
        assert subscription.take_gap()
        subscriptions.publish({mine: batch(mine, 2, 3, epoch=uuid4())})
        assert subscription.next_batch(at(2)) is None
        assert subscription.take_gap()


def test_a_slow_listener_has_bounded_memory_and_reads_the_database() -> None:
    subscriptions, mine = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(mine) as subscription:
        for seq in range(MAX_BATCHES * 3):
            subscriptions.publish({mine: batch(mine, seq, seq + 1)})
        assert len(subscription._batches) <= MAX_BATCHES
        assert subscription.next_batch(at(0)) is None
        assert subscription.take_gap()


def test_a_listener_that_left_is_forgotten() -> None:
    subscriptions, user = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(user):
        with subscriptions.subscribe(user) as subscription:
            pass
        subscriptions.notify([user])
        assert not subscription.take_gap()
    assert subscriptions.user_ids() == ()


def test_listeners_that_are_behind_are_found() -> None:
    subscriptions, user = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(user) as subscription:
        assert not subscriptions.is_behind(user, at(1))  # it is still reading for the first time
        subscription.position = at(1)
        assert not subscriptions.is_behind(user, at(1))
        assert subscriptions.is_behind(user, at(2))
        assert subscriptions.is_behind(user, at(1, epoch=uuid4()))
        subscription.notify()
        assert not subscriptions.is_behind(user, at(2))  # it is about to look


def test_a_listener_with_the_batch_is_not_behind() -> None:
    subscriptions, user = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(user) as subscription:
        subscription.position = at(1)
        subscriptions.publish({user: batch(user, 1, 3)})
        assert not subscriptions.is_behind(user, at(3))
        assert subscription.next_batch(at(1)) == batch(user, 1, 3)
        assert not subscriptions.is_behind(user, at(3))  # it is being sent
        assert subscriptions.is_behind(user, at(4))


def test_a_listener_at_a_removed_position_is_behind() -> None:
    subscriptions, user = StreamSubscriptions(), uuid4()
    with subscriptions.subscribe(user) as subscription:
        subscription.position = at(5)
        subscriptions.mark_positions()
        assert subscriptions.is_behind(user, at(4))
        subscriptions.publish({user: batch(user, 5, 6)})
        assert not subscriptions.is_behind(user, at(5))  # committed since the head was read


def test_each_user_has_their_own_group() -> None:
    one, two = uuid4(), uuid4()
    assert to_group_name(one) != to_group_name(two)
    assert one.hex in to_group_name(one)
    assert len(to_group_name(one)) < 100
    assert to_group_name(one).replace(".", "").isalnum()
