"""The growth of a piece of work's cost with its input, whatever machine it runs on.

Only ratios are looked at: processor time of this thread at a length and at four times that length, the least of some
measurements each. Linear work takes four times as long, quadratic work sixteen times; eight is the line between.
"""

import time
from collections.abc import Callable
from contextlib import suppress

TIMES = 4
MOST = 8.0
SURE = 12.0  # beyond it no more than ENOUGH measurements are made
ENOUGH, ROUNDS = 6, 12
UNSEEN = 0.005  # seconds: what takes less at the greater length says nothing about growth, and costs nothing


def seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    with suppress(Exception):  # refusing is an answer too
        work()
    return time.thread_time() - start


def grows_linearly(work: Callable[[str], object], text: Callable[[int], str], size: int) -> str:
    """Empty where it does; else what was measured. Measured again while it does not look so: others use the machine."""
    small, large = text(size), text(size * TIMES)
    least, most = float("inf"), float("inf")
    for done in range(1, ROUNDS + 1):
        most = min(most, seconds(lambda: work(large)))
        if most < UNSEEN:
            return ""
        least = min(least, *(seconds(lambda: work(small)) for _ in range(2)))
        if most <= MOST * least:
            return ""
        if done >= ENOUGH and most > SURE * least:
            break
    return f"{least * 1000:.2f} ms for {size:,} characters, {most * 1000:.2f} ms for {size * TIMES:,}"
