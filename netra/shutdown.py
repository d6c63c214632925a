"""Tell a part of ours that the server stops. Daphne has no lifespan events: its reactor is asked instead."""

import asyncio
import sys
from collections.abc import Awaitable, Callable


def before_shutdown(close: Callable[[], Awaitable[None]]) -> None:
    """Have `close` awaited before the running reactor stops; where there is none (another server), do nothing."""
    if "twisted.internet.reactor" not in sys.modules:
        return
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    if not reactor.running:  # type: ignore[attr-defined]  # twisted gives its reactor no type
        return

    def stopping() -> "Deferred[None]":
        return Deferred.fromFuture(asyncio.ensure_future(close()))

    reactor.addSystemEventTrigger("before", "shutdown", stopping)  # type: ignore[attr-defined]
