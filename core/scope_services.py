"""The services of a process in the ASGI scope of its requests and sockets: `scope["services"]`, one frozen object.

Each layer adds what it reads: `RequestServices` here, `SocketServices` (realtime.connections) and `ServerServices`
(netra.server.scope_services), of which a server puts one into every scope. They belong to the process and hold no
user's data; what belongs to one request is beside them in the scope.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from django.http import HttpRequest

from core.concurrency.background import ThreadSlots
from core.concurrency.database_threads import DatabaseExecutor
from core.stream.append import Publish


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestServices:
    """What any request or handshake may use. Threads may call `publish` and `wake_workers`.

    `handshake_database` looks up who opens a socket: when all clients connect again at once, they wait in turns by
    address, and would wait behind all that signed-in users do, each of whom has a turn. `computing_slots` bound what
    requests have other processes compute at once; None: without a bound.
    """

    publish: Publish
    wake_workers: Callable[[], None]  # lets this process's workers poll their queues now
    database: DatabaseExecutor
    handshake_database: DatabaseExecutor
    computing_slots: ThreadSlots | None = None


ServicesT = TypeVar("ServicesT", bound=RequestServices)


def read_services(scope: Mapping[str, Any], kind: type[ServicesT]) -> ServicesT:
    """Return the services in a scope. Raises TypeError if they are of another kind."""
    services = scope["services"]
    if not isinstance(services, kind):
        raise TypeError(f"the scope has {type(services).__name__}, not {kind.__name__}")
    return services


def find_services(request: HttpRequest, kind: type[ServicesT]) -> ServicesT | None:
    """Return the services of the process that serves a request; None without a server, as with a test's client."""
    scope: Mapping[str, Any] = getattr(request, "scope", {})
    return read_services(scope, kind) if "services" in scope else None
