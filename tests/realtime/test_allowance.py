from realtime.allowance import Allowance
from realtime.limits import FRAMES_AT_ONCE, FRAMES_PER_SECOND


def test_it_empties_by_use_and_fills_with_time() -> None:
    now = [0.0]
    allowance = Allowance(lambda: now[0])
    assert all(allowance.take() for _ in range(FRAMES_AT_ONCE))
    assert not allowance.take()
    now[0] = 1.0
    assert sum(allowance.take() for _ in range(FRAMES_AT_ONCE)) == FRAMES_PER_SECOND
    now[0] = 1_000_000.0
    assert sum(allowance.take() for _ in range(2 * FRAMES_AT_ONCE)) == FRAMES_AT_ONCE
