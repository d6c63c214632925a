"""Slots that threads share by user: gates that the test opens, and no clock."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from core.concurrency.background import MAX_WAITING, MAX_WAITING_PER_KEY, NoSlotFree, ThreadSlots
from tests.support.patience import PATIENCE


class Workers:
    """Threads that hold slots until they are told to go on; `got` says whose got one, in order."""

    def __init__(self, slots: ThreadSlots) -> None:
        self.slots = slots
        self.got: list[str] = []
        self.refused: list[str] = []
        self.go = threading.Semaphore(0)
        self.changed = threading.Condition()
        self.threads: list[threading.Thread] = []

    def ask(self, key: str, times: int = 1) -> None:
        """Start so many threads, one after the other has its slot or its place in the queue."""
        for _ in range(times):
            before = self._count()
            self.threads.append(threading.Thread(target=self._work, args=(key,)))
            self.threads[-1].start()
            self.wait_for(lambda before=before: self._count() > before)

    def _count(self) -> int:
        return len(self.got) + len(self.refused) + self.slots.count_waiting()

    def wait_for(self, condition: object) -> None:
        with self.changed:
            while not condition():  # type: ignore[operator]
                self.changed.wait(0.01)

    def _work(self, key: str) -> None:
        try:
            with self.slots.hold(key):
                self.got.append(key)
                self.go.acquire(timeout=PATIENCE)
        except NoSlotFree:
            self.refused.append(key)

    def finish(self, count: int) -> None:
        """Let so many go on, one after the other, each followed by whoever got its slot."""
        for _ in range(count):
            ended = len(self.got)
            self.go.release()
            if self.slots.count_waiting():
                self.wait_for(lambda ended=ended: len(self.got) > ended)


@contextmanager
def working(slots: ThreadSlots) -> Iterator[Workers]:
    workers = Workers(slots)
    try:
        yield workers
    finally:
        for _ in workers.threads:
            workers.go.release()
        for thread in workers.threads:
            thread.join()


def test_one_user_has_one_slot_and_another_finds_one() -> None:
    with working(ThreadSlots(2, seconds=PATIENCE)) as workers:
        workers.ask("noisy", 5)
        assert workers.got == ["noisy"]
        workers.ask("quiet")
        assert workers.got == ["noisy", "quiet"]


def test_users_take_turns() -> None:
    with working(ThreadSlots(1, seconds=PATIENCE)) as workers:
        workers.ask("noisy", 4)
        workers.ask("quiet", 2)
        workers.finish(4)
        assert workers.got == ["noisy", "noisy", "quiet", "noisy", "quiet"]


@pytest.mark.slow
def test_too_many_are_refused_at_once() -> None:
    with working(ThreadSlots(1, seconds=PATIENCE)) as workers:
        workers.ask("noisy", 1 + MAX_WAITING_PER_KEY + 2)
        assert workers.refused == ["noisy"] * 2
        users = [f"user {number}" for number in range(MAX_WAITING - MAX_WAITING_PER_KEY + 1)]
        for name in users:
            workers.ask(name)
        assert workers.refused == ["noisy"] * 2 + users[-1:]


def test_who_waits_too_long_is_refused_and_keeps_nothing() -> None:
    slots = ThreadSlots(1, seconds=0.01)
    with slots.hold("first"):
        with pytest.raises(NoSlotFree), slots.hold("second"):
            raise AssertionError
        assert slots.count_waiting() == 0
    with slots.hold("second"):
        pass


def test_a_slot_is_free_again_after_an_error() -> None:
    slots = ThreadSlots(1, seconds=0.01)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), slots.hold("user"):
            raise ZeroDivisionError
    with slots.hold("other"):
        pass
