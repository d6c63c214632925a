from uuid import uuid4

from realtime.doorbell import Doorbells
from realtime.groups import user_group


def test_a_ring_reaches_that_users_listeners_only() -> None:
    doorbells, mine, theirs = Doorbells(), uuid4(), uuid4()
    with doorbells.listening(mine) as one, doorbells.listening(mine) as two, doorbells.listening(theirs) as foreign:
        doorbells.ring([mine, uuid4()])
        assert (one.is_set(), two.is_set(), foreign.is_set()) == (True, True, False)


def test_a_listener_that_left_is_forgotten() -> None:
    doorbells, user = Doorbells(), uuid4()
    with doorbells.listening(user):
        with doorbells.listening(user) as bell:
            pass
        doorbells.ring([user])
        assert not bell.is_set()
    assert doorbells._waiting == {}


def test_each_user_has_a_group_of_their_own() -> None:
    one, two = uuid4(), uuid4()
    assert user_group(one) != user_group(two)
    assert one.hex in user_group(one)
    assert len(user_group(one)) < 100
    assert user_group(one).replace(".", "").isalnum()
