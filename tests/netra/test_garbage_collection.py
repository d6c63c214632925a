"""Cycles that daphne leaves are collected after so many requests and sockets have ended, not whenever memory is
allocated."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from netra import process as netra_process
from netra.process import ENDS_PER_COLLECTION, GarbageCollector


class Connection:
    """In a circle with itself, as daphne leaves one."""

    def __init__(self) -> None:
        self.protocol = self


@pytest.fixture
def thresholds() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*before)


@pytest.mark.usefixtures("thresholds")
def test_circles_are_found_after_so_many_have_ended() -> None:
    process = GarbageCollector()
    process.freeze()
    assert gc.get_threshold() == (netra_process.YOUNG_THRESHOLD, *netra_process.OLDER_THRESHOLDS)
    gone = weakref.ref(connection := Connection())
    gc.collect(1)  # as one that was open for a while
    del connection
    for _ in range(ENDS_PER_COLLECTION - 1):
        process.count_end()
    assert gone() is not None
    process.count_end()
    assert gone() is None
