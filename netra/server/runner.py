"""Daphne run in this process, on a socket that is already listening.

Import it only where it is needed: it installs daphne's event loop, and importing the application takes a second or two."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from twisted.internet import reactor as started
from twisted.internet.defer import Deferred

from netra.asgi import application
from netra.server.lifespan import Lifespan
from realtime.limits import MESSAGE_BYTES


def serve(listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once everything is open. Raises what kept it from opening."""
    logging.getLogger("daphne.server").setLevel(logging.WARNING)  # `ready` says it in our words
    reactor: Any = started  # twisted gives it no type that knows its methods
    server = Server(
        application,
        endpoints=[f"fd:fileno={listener.fileno()}"],
        server_name="Netra",
        verbosity=0,
        # By the length that a frame announces: of what is too large nothing is held.
        websocket_max_message_size=MESSAGE_BYTES,
        websocket_max_frame_size=MESSAGE_BYTES,
    )
    lifespan = Lifespan(application, ready=ready, stop=server.stop)

    def closed() -> "Deferred[None]":
        return Deferred.fromFuture(lifespan.end())

    reactor.callLater(0, lifespan.begin)
    reactor.addSystemEventTrigger("before", "shutdown", closed)
    server.run()
    if lifespan.error is not None:
        raise lifespan.error
