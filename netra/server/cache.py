"""What a process works out once for everybody who asks: answers that are nobody's in particular."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

T = TypeVar("T")


class SharedAnswer(Generic[T]):
    """An answer that is good for some seconds. Whoever asks while it is being worked out waits for that one work.

    For threads; `work` may be slow. Nothing that depends on who asks may be put here.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._under_way: Future[T] | None = None
        self._kept: tuple[float, T] | None = None

    def get(self, work: Callable[[], T]) -> T:
        """The answer, or whatever `work` raises; that is kept for nobody."""
        with self._lock:
            if self._kept is not None and self._clock() - self._kept[0] < self._seconds:
                return self._kept[1]
            under_way = self._under_way
            if under_way is None:
                mine = self._under_way = Future[T]()
        return under_way.result() if under_way is not None else self._work(work, mine)

    def _work(self, work: Callable[[], T], mine: "Future[T]") -> T:
        try:
            value = work()
        except BaseException as error:
            with self._lock:
                self._under_way = None
            mine.set_exception(error)
            raise
        with self._lock:
            self._under_way, self._kept = None, (self._clock(), value)
        mine.set_result(value)
        return value


class SharedAnswers:
    """Those of one process, by name: `scope["state"]["shared"]`. `seconds` says for how long each kind is good."""

    def __init__(self, **seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._answers: dict[tuple[str, str], SharedAnswer[Any]] = {}

    def of(self, kind: str, variant: str = "") -> SharedAnswer[Any]:
        """`variant` is one of a few that the code names, never a caller's word: each is kept."""
        with self._lock:
            return self._answers.setdefault((kind, variant), SharedAnswer(self._seconds[kind]))


def shared_by(request: HttpRequest, kind: str, variant: str = "") -> SharedAnswer[Any]:
    """The process's; without a server, as for a test's client, one that nobody shares."""
    shared = getattr(request, "scope", {}).get("state", {}).get("shared")
    return shared.of(kind, variant) if isinstance(shared, SharedAnswers) else SharedAnswer(0)
