from realtime import allowance
from realtime.allowance import Allowance, Allowances


def test_it_empties_by_use_and_fills_with_time() -> None:
    now = [0.0]
    mine = Allowance(50, 200, lambda: now[0])
    assert all(mine.take() for _ in range(200))
    assert not mine.take()
    now[0] = 1.0
    assert sum(mine.take() for _ in range(200)) == 50
    now[0] = 1_000_000.0
    assert sum(mine.take() for _ in range(400)) == 200


def test_what_is_given_back_can_be_taken_and_never_makes_more_than_all_of_it() -> None:
    mine = Allowance(1, 3, lambda: 0.0)
    mine.give_back()
    assert sum(mine.take() for _ in range(5)) == 3
    mine.give_back()
    assert mine.take()
    assert not mine.take()


def test_each_key_has_its_own_and_those_not_in_use_are_not_kept() -> None:
    now = [0.0]
    ours = Allowances(1, 2, lambda: now[0])
    assert [ours.of("a").take() for _ in range(3)] == [True, True, False]
    assert ours.of("b").take()
    for key in range(3 * allowance.MOST_KEPT):
        ours.of(key)
    assert len(ours._kept) <= allowance.MOST_KEPT
    assert not ours.of("a").take()  # in use, so it was not forgotten
