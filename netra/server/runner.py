"""Daphne run in this process, on a socket that is already listening.

Import it only where needed: it installs daphne's event loop, and importing the application takes a second or two."""

import logging
import socket
from collections.abc import Callable
from typing import Any

from daphne.server import Server
from twisted.internet import reactor as twisted_reactor
from twisted.internet.defer import Deferred

from netra.asgi import application
from netra.server.lifespan import Lifespan
from realtime.limits import MESSAGE_BYTES


def serve(listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called once the application has started. Raises the error of a failed
    start."""
    logging.getLogger("daphne.server").setLevel(logging.WARNING)  # `ready` reports the start
    reactor: Any = twisted_reactor  # twisted gives it no type that knows its methods
    server = Server(
        application,
        endpoints=[f"fd:fileno={listener.fileno()}"],
        server_name="Netra",
        verbosity=0,
        # Checked by the length that a frame announces: nothing of a larger one is stored.
        websocket_max_message_size=MESSAGE_BYTES,
        websocket_max_frame_size=MESSAGE_BYTES,
    )
    lifespan = Lifespan(application, ready=ready, stop=server.stop)

    def close_lifespan() -> "Deferred[None]":
        return Deferred.fromFuture(lifespan.end())

    reactor.callLater(0, lifespan.begin)
    reactor.addSystemEventTrigger("before", "shutdown", close_lifespan)
    server.run()
    if lifespan.error is not None:
        raise lifespan.error
