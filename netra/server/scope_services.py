"""The services that a server puts into the scope of each request and socket, with the values that it computes once for
all requests, such as the OpenAPI document and its readiness."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, Protocol, TypeVar

from django.http import HttpRequest

from core.scope_services import find_services
from netra.server.request_limits import AnonymousRateLimiter
from realtime.connections import SocketServices

T = TypeVar("T")


class CachedValue(Generic[T]):
    """A value that is valid for some seconds. Threads that ask while it is computed wait for that one computation.

    It must not depend on the user who asks.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._pending: Future[T] | None = None
        self._cached: tuple[float, T] | None = None

    def get(self, compute: Callable[[], T]) -> T:
        """Return the value, computed if necessary, which may be slow. An error is raised and not cached."""
        with self._lock:
            if self._cached is not None and self._clock() - self._cached[0] < self._seconds:
                return self._cached[1]
            pending = self._pending
            if pending is None:
                result = self._pending = Future[T]()
        return pending.result() if pending is not None else self._compute(compute, result)

    def _compute(self, compute: Callable[[], T], result: "Future[T]") -> T:
        try:
            value = compute()
        except BaseException as error:
            with self._lock:
                self._pending = None
            result.set_exception(error)
            raise
        with self._lock:
            self._pending, self._cached = None, (self._clock(), value)
        result.set_result(value)
        return value


class ProcessCache:
    """The cached values of one process, such as the OpenAPI document; `seconds` is how long each kind stays valid."""

    def __init__(self, **seconds: float) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._values: dict[tuple[str, str], CachedValue[Any]] = {}

    def get(self, kind: str, variant: str = "") -> CachedValue[Any]:
        """Return the value of a kind. `variant` is one of a few in the code, never a client's input: each is stored."""
        with self._lock:
            return self._values.setdefault((kind, variant), CachedValue(self._seconds[kind]))


class HasLiveness(Protocol):
    """Whether it has polled its queue lately, for any thread to ask."""

    @property
    def is_alive(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerServices(SocketServices):
    """The services of a server's process."""

    runner: HasLiveness | None  # of jobs; None: other processes run them
    cache: ProcessCache
    anonymous_limiter: AnonymousRateLimiter


def get_cached_value(request: HttpRequest, kind: str, variant: str = "") -> CachedValue[Any]:
    """Return the process's value; without a server, as with a test's client, a value that is not shared."""
    services = find_services(request, ServerServices)
    return CachedValue(0) if services is None else services.cache.get(kind, variant)
