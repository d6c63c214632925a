"""The services that a server puts into the scope of requests and sockets, without a server."""

from dataclasses import replace
from typing import Any

from django.conf import settings

from core.concurrency.database_threads import SharedThreadExecutor
from core.stream.append import publish_to_nobody
from netra.server.request_limits import AnonymousRateLimiter
from netra.server.scope_services import ProcessCache, ServerServices
from realtime.broadcast import ChannelLayerNotifier
from realtime.connections import ConnectionRegistry
from realtime.metrics import Metrics
from realtime.subscriptions import StreamSubscriptions


class FakeRunner:
    def __init__(self, *, is_alive: bool = True) -> None:
        self.is_alive = is_alive


def build_services(subscriptions: StreamSubscriptions | None = None, **changes: Any) -> ServerServices:
    """Return the services of a process without workers: nobody is woken, and only `subscriptions` are notified."""
    subscriptions = subscriptions or StreamSubscriptions()
    services = ServerServices(
        publish=publish_to_nobody,
        wake_workers=lambda: None,
        database=SharedThreadExecutor(),
        handshake_database=SharedThreadExecutor(),
        subscriptions=subscriptions,
        connections=ConnectionRegistry(),
        notifier=ChannelLayerNotifier(None, subscriptions),
        metrics=Metrics(),
        runner=FakeRunner(),
        cache=ProcessCache(stored=60, migrations=60, schema=60),
        anonymous_limiter=AnonymousRateLimiter(settings.NETRA),
    )
    return replace(services, **changes)
