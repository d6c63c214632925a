"""The server itself: daphne in this process, on an address that is already taken.

Import it where it is needed only: daphne puts its event loop in place, and the whole house takes a second or two.
"""

import logging
import socket
from collections.abc import Callable

from daphne.server import Server
from twisted.internet import reactor
from twisted.internet.defer import Deferred

from netra.asgi import application
from netra.household.lifespan import Lifespan


def serve(listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once everything is open. Raises what kept it from opening."""
    logging.getLogger("daphne.server").setLevel(logging.WARNING)  # `ready` says it in our words
    server = Server(application, endpoints=[f"fd:fileno={listener.fileno()}"], server_name="Netra", verbosity=0)
    lifespan = Lifespan(application, ready=ready, stop=server.stop)

    def closed() -> "Deferred[None]":
        return Deferred.fromFuture(lifespan.end())

    reactor.callLater(0, lifespan.begin)  # type: ignore[attr-defined]  # twisted gives its reactor no type
    reactor.addSystemEventTrigger("before", "shutdown", closed)  # type: ignore[attr-defined]
    server.run()
    if lifespan.error is not None:
        raise lifespan.error
