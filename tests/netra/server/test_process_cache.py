"""Values that a process computes once: work is counted, not timed."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import OperationalError

from netra.server.scope_services import CachedValue


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_answer_is_worked_out_once_while_it_is_good() -> None:
    clock, done = Clock(), list[int]()
    answer = CachedValue[int](1, clock)

    def work() -> int:
        done.append(1)
        return len(done)

    assert [answer.get(work) for _ in range(5)] == [1] * 5
    clock.now = 1.0
    assert [answer.get(work) for _ in range(5)] == [2] * 5


def test_many_who_ask_at_once_wait_for_one_work() -> None:
    begun, go, done = Event(), Event(), list[int]()
    answer = CachedValue[int](60)

    def work() -> int:
        done.append(1)
        begun.set()
        go.wait(30)
        return 7

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(answer.get, work)
        assert begun.wait(30)
        others = [threads.submit(answer.get, work) for _ in range(7)]
        go.set()
        assert [each.result(30) for each in (first, *others)] == [7] * 8
    assert done == [1]


def test_a_failure_is_told_to_those_who_waited_and_kept_for_nobody() -> None:
    begun, go = Event(), Event()
    answer = CachedValue[int](60)

    def fail() -> int:
        begun.set()
        go.wait(30)
        raise OperationalError("away")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(answer.get, fail)
        assert begun.wait(30)
        second = threads.submit(answer.get, fail)
        go.set()
        for each in (first, second):
            with pytest.raises(OperationalError):
                each.result(30)
    assert answer.get(lambda: 3) == 3
