"""Two transactions whose steps a test orders: one that is held before its end, and one that comes meanwhile."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from django.db import connection, connections

from tests.support.patience import PATIENCE

T = TypeVar("T")


@dataclass(slots=True)
class Gate:
    """A place in the code that a thread has `reached`, and goes on from once the test has opened it."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def pass_through(self) -> None:
        self.reached.set()
        assert self.opened.wait(PATIENCE), "nobody opened the gate"


def hold_after(patch: pytest.MonkeyPatch, where: Any, name: str) -> Gate:
    """The next call of a function is held after its work, within its transaction; later ones are not."""
    function, gate = getattr(where, name), Gate()

    def hold_return(*args: Any, **kwargs: Any) -> Any:
        answer = function(*args, **kwargs)
        if not gate.reached.is_set():
            gate.pass_through()
        return answer

    patch.setattr(where, name, hold_return)
    return gate


@contextmanager
def threads() -> Iterator[Callable[[Callable[[], T]], "Future[T]"]]:
    """Threads of one's own, each with its connection, which is closed at its end."""
    with ThreadPoolExecutor(4) as pool:

        def begin(work: Callable[[], T]) -> "Future[T]":
            return pool.submit(_closing, work)

        yield begin


def _closing(work: Callable[[], T]) -> T:
    try:
        return work()
    finally:
        connections.close_all()


def wait_until_blocked(*others: "Future[Any]") -> None:
    """Until the database says that so many wait for a lock, or have come to their end. On SQLite nobody can tell: who
    waits there has not begun."""
    if connection.vendor != "postgresql":
        return
    pause = threading.Event()
    while _waiting() < sum(not each.done() for each in others):
        pause.wait(0.01)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        (count,) = cursor.fetchone()
        return int(count)
