"""Tell a part of ours that the server stops. Daphne has no lifespan events: its reactor is asked instead."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any


def before_shutdown(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` awaited before the running reactor stops; where there is none (another server), do nothing."""
    # Not imported: importing a reactor installs one. Twisted gives it no type that knows its methods.
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is None or not reactor.running:
        return
    from twisted.internet.defer import Deferred

    def stopping() -> "Deferred[None]":
        return Deferred.fromFuture(asyncio.ensure_future(close()))

    reactor.addSystemEventTrigger("before", "shutdown", stopping)
