import asyncio
from uuid import UUID, uuid4

from netra.core.stream import Batch, Position
from realtime.doorbell import KEPT, Doorbells
from realtime.groups import user_group
from tests.patience import PATIENCE

EPOCH = uuid4()


def batch(user: UUID, after: int, upto: int, epoch: UUID = EPOCH) -> Batch:
    return Batch(user_id=user, epoch=epoch, after=after, upto=upto, payloads=())


def at(seq: int, epoch: UUID = EPOCH) -> Position:
    return Position(epoch=epoch, seq=seq)


def test_a_batch_reaches_that_users_listeners_only() -> None:
    doorbells, mine, theirs = Doorbells(), uuid4(), uuid4()
    with doorbells.listening(mine) as one, doorbells.listening(mine) as two, doorbells.listening(theirs) as foreign:
        doorbells.feed({mine: batch(mine, 0, 2), uuid4(): batch(uuid4(), 0, 1)})
        assert [bell.following(at(0)) for bell in (one, two)] == [batch(mine, 0, 2)] * 2
        assert foreign.following(at(0)) is None
        assert not foreign.missed()


async def test_a_ring_without_a_batch_sends_to_the_database() -> None:
    doorbells, mine = Doorbells(), uuid4()
    with doorbells.listening(mine) as bell:
        doorbells.ring([mine, uuid4()])
        await asyncio.wait_for(bell.wait(), PATIENCE)
        assert (bell.missed(), bell.missed()) == (True, False)


def test_batches_are_chained_and_old_ones_left_out() -> None:
    doorbells, mine = Doorbells(), uuid4()
    with doorbells.listening(mine) as bell:
        doorbells.feed({mine: batch(mine, 0, 2)})
        doorbells.feed({mine: batch(mine, 2, 3)})
        assert bell.following(at(2)) == batch(mine, 2, 3)
        assert bell.following(at(3)) is None
        assert not bell.missed()


def test_a_batch_that_does_not_go_on_from_here_is_a_gap() -> None:
    doorbells, mine = Doorbells(), uuid4()
    with doorbells.listening(mine) as bell:
        doorbells.feed({mine: batch(mine, 3, 4)})
        assert bell.following(at(2)) is None
        assert bell.missed()
        doorbells.feed({mine: batch(mine, 2, 3, epoch=uuid4())})
        assert bell.following(at(2)) is None
        assert bell.missed()


def test_a_slow_listener_costs_bounded_memory_and_reads_the_rest_from_the_database() -> None:
    doorbells, mine = Doorbells(), uuid4()
    with doorbells.listening(mine) as bell:
        for seq in range(KEPT * 3):
            doorbells.feed({mine: batch(mine, seq, seq + 1)})
        assert len(bell._batches) <= KEPT
        assert bell.following(at(0)) is None
        assert bell.missed()


def test_a_listener_that_left_is_forgotten() -> None:
    doorbells, user = Doorbells(), uuid4()
    with doorbells.listening(user):
        with doorbells.listening(user) as bell:
            pass
        doorbells.ring([user])
        assert not bell.missed()
    assert doorbells.users() == ()


def test_it_knows_who_must_look() -> None:
    doorbells, user = Doorbells(), uuid4()
    with doorbells.listening(user) as bell:
        assert not doorbells.astray(user, at(1))  # it is still reading for the first time
        bell.seen = at(1)
        assert not doorbells.astray(user, at(1))
        assert doorbells.astray(user, at(2))
        assert doorbells.astray(user, at(1, epoch=uuid4()))
        bell.ring()
        assert not doorbells.astray(user, at(2))  # it is about to look


def test_who_has_the_news_need_not_look_for_it() -> None:
    doorbells, user = Doorbells(), uuid4()
    with doorbells.listening(user) as bell:
        bell.seen = at(1)
        doorbells.feed({user: batch(user, 1, 3)})
        assert not doorbells.astray(user, at(3))
        assert bell.following(at(1)) == batch(user, 1, 3)
        assert not doorbells.astray(user, at(3))  # it is being sent
        assert doorbells.astray(user, at(4))


def test_who_has_seen_what_is_gone_must_look() -> None:
    doorbells, user = Doorbells(), uuid4()
    with doorbells.listening(user) as bell:
        bell.seen = at(5)
        doorbells.note()
        assert doorbells.astray(user, at(4))
        doorbells.feed({user: batch(user, 5, 6)})
        assert not doorbells.astray(user, at(5))  # committed since the head was read


def test_each_user_has_a_group_of_their_own() -> None:
    one, two = uuid4(), uuid4()
    assert user_group(one) != user_group(two)
    assert one.hex in user_group(one)
    assert len(user_group(one)) < 100
    assert user_group(one).replace(".", "").isalnum()
