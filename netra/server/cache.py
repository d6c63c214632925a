"""Values that a process computes once for everybody who asks, such as the OpenAPI document; never anything that depends on who asks."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Lock
from typing import Any, Generic, TypeVar

from django.http import HttpRequest

T = TypeVar("T")


class CachedValue(Generic[T]):
    """An answer that is good for some seconds. Whoever asks while it is being worked out waits for that one work.

    For threads; `work` may be slow. Nothing that depends on who asks may be put here.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._pending: Future[T] | None = None
        self._cached: tuple[float, T] | None = None

    def get(self, work: Callable[[], T]) -> T:
        """The answer, or whatever `work` raises; that is kept for nobody."""
        with self._lock:
            if self._cached is not None and self._clock() - self._cached[0] < self._seconds:
                return self._cached[1]
            under_way = self._pending
            if under_way is None:
                mine = self._pending = Future[T]()
        return under_way.result() if under_way is not None else self._compute(work, mine)

    def _compute(self, work: Callable[[], T], mine: "Future[T]") -> T:
        try:
            value = work()
        except BaseException as error:
            with self._lock:
                self._pending = None
            mine.set_exception(error)
            raise
        with self._lock:
            self._pending, self._cached = None, (self._clock(), value)
        mine.set_result(value)
        return value


class ProcessCache:
    """Those of one process, by name: `scope["state"]["shared"]`. `seconds` says for how long each kind is good."""

    def __init__(self, **seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._values: dict[tuple[str, str], CachedValue[Any]] = {}

    def get(self, kind: str, variant: str = "") -> CachedValue[Any]:
        """`variant` is one of a few that the code names, never a caller's word: each is kept."""
        with self._lock:
            return self._values.setdefault((kind, variant), CachedValue(self._seconds[kind]))


def get_cached_value(request: HttpRequest, kind: str, variant: str = "") -> CachedValue[Any]:
    """The process's; without a server, as for a test's client, one that nobody shares."""
    shared = getattr(request, "scope", {}).get("state", {}).get("shared")
    return shared.get(kind, variant) if isinstance(shared, ProcessCache) else CachedValue(0)
