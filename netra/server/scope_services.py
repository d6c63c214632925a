"""The services that a server puts into the scope of each request and socket."""

from dataclasses import dataclass
from typing import Any, Protocol

from django.http import HttpRequest

from core.scope_services import find_services
from netra.server.process_cache import CachedValue, ProcessCache
from netra.server.request_limits import AnonymousRateLimiter
from realtime.connections import SocketServices


class HasLiveness(Protocol):
    """Whether it has polled its queue lately, for any thread to ask."""

    @property
    def is_alive(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerServices(SocketServices):
    """The services of a server's process."""

    run_worker: HasLiveness
    cache: ProcessCache
    anonymous_limiter: AnonymousRateLimiter


def get_cached_value(request: HttpRequest, kind: str, variant: str = "") -> CachedValue[Any]:
    """Return the process's value; without a server, as with a test's client, a value that is not shared."""
    services = find_services(request, ServerServices)
    return CachedValue(0) if services is None else services.cache.get(kind, variant)
