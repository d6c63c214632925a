import pytest

from realtime import limits
from realtime.limits import TokenBucket, TokenBuckets


def test_a_bucket_empties_by_use_and_refills_over_time() -> None:
    now = [0.0]
    mine = TokenBucket(50, 200, lambda: now[0])
    assert all(mine.take() for _ in range(200))
    assert not mine.take()
    now[0] = 1.0
    assert sum(mine.take() for _ in range(200)) == 50
    now[0] = 1_000_000.0
    assert sum(mine.take() for _ in range(400)) == 200


def test_returned_tokens_never_exceed_the_capacity() -> None:
    mine = TokenBucket(1, 3, lambda: 0.0)
    mine.refund()
    assert sum(mine.take() for _ in range(5)) == 3
    mine.refund()
    assert mine.take()
    assert not mine.take()


@pytest.mark.slow
def test_each_key_has_its_own_bucket_and_full_ones_are_dropped() -> None:
    now = [0.0]
    ours = TokenBuckets(1, 2, lambda: now[0])
    assert [ours.get_bucket("a").take() for _ in range(3)] == [True, True, False]
    assert ours.get_bucket("b").take()
    for key in range(3 * limits.MAX_BUCKETS):
        ours.get_bucket(key)
    assert len(ours._buckets) <= limits.MAX_BUCKETS
    assert not ours.get_bucket("a").take()  # in use, so it was not forgotten
