"""The ASGI application: it starts the services and the runner with the first scope, and stops them with the server."""

import asyncio
import logging
import math
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.concurrency.background import ThreadSlots
from core.concurrency.one_core import staying_on_one_core
from core.jobs.runner import JobRunner
from core.networks import get_scope_network
from netra.config import Environment
from netra.jobs import running_jobs
from netra.process import GarbageCollector
from netra.server.connections import Connection, apply_backpressure, get_connection
from netra.server.headers import are_headers_too_long, refuse_long_headers, remove_escaped_cookies
from netra.server.refusals import refuse_while_stopping
from netra.server.request_limits import AnonymousRateLimiter, RequestQueue
from netra.server.scope_services import ProcessCache, ServerServices
from netra.server.scopes import ScopeNormalizer
from netra.server.websockets import get_protocol, send_server_close_codes, throttle_frames
from netra.services import Services, running_services
from realtime.limits import HANDSHAKES_AT_ONCE, HANDSHAKES_PER_SECOND, FrameRateLimiter, TokenBuckets

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]
WEBSOCKET_PATH = "/ws/"


@dataclass(frozen=True, slots=True)
class _Lifetime:
    task: "asyncio.Task[None]"
    stop: asyncio.Event
    services: "asyncio.Future[ServerServices]"


@asynccontextmanager
async def _running_jobs(environment: Environment, services: Services) -> AsyncIterator[JobRunner | None]:
    """Run the installation's jobs within the block, unless other processes do."""
    if not environment.runner:
        yield None
        return
    async with running_jobs(environment, services) as runner:
        yield runner


def _throttle_websocket(scope: Scope, send: Callable[..., Any]) -> tuple[Scope, Callable[..., Any]]:
    """Return the scope and `send` of a websocket whose frames are counted from the first one."""
    limiter = FrameRateLimiter()
    throttled = throttle_frames(send_server_close_codes(send), get_protocol(send), limiter)
    return {**scope, "frame_limiter": limiter}, throttled


class Application:
    """Passes requests on. It adds to the scope `services` (the process's ServerServices) and `connection` (the
    request's own; None with a server that doesn't count connections), and to a websocket's also its
    `transport_output`."""

    def __init__(self, environment: Environment, *, http: App, websocket: App) -> None:
        self._environment = environment
        self._http = http
        self._websocket = websocket
        self._lifetime: _Lifetime | None = None
        self._scope_normalizer = ScopeNormalizer(environment)
        self._garbage_collector = GarbageCollector()
        self._request_queue = RequestQueue(environment.rest_at_once, cookie=environment.session_cookie)
        self._handshakes = TokenBuckets(HANDSHAKES_PER_SECOND, HANDSHAKES_AT_ONCE)
        self._open_requests: set[asyncio.Future[None]] = set()
        self._busy_connections: set[Connection] = set()

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "lifespan":
            await self._handle_lifespan(receive, send)
            return
        if are_headers_too_long(scope.get("headers", ())):
            await refuse_long_headers(scope, send)
            return
        scope, connection = self._scope_normalizer.normalize(scope), get_connection(send)
        if scope["type"] == "websocket":
            scope, send = _throttle_websocket(scope, send)
        if self._is_stopping:
            await refuse_while_stopping(scope, receive, send)
            return
        headers = remove_escaped_cookies(scope["headers"])
        services = await self._ensure_services()
        scope = {**scope, "headers": headers, "services": services, "connection": connection}
        try:
            await self._route(scope, receive, send)
        finally:
            self._garbage_collector.count_end()

    async def _route(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "http":
            connection = scope["connection"]
            shield = partial(self._finish_request, connection=connection)
            await self._request_queue.serve(self._http, scope, receive, apply_backpressure(send, connection), shield)
        elif scope["type"] == "websocket" and scope["path"] == WEBSOCKET_PATH:
            await self._accept_websocket(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _accept_websocket(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if not self._handshakes.get_bucket(get_scope_network(scope)).take():
            await send({"type": "websocket.close"})  # before it is accepted: daphne answers 403
            return
        connection = scope["connection"]
        output = connection.output if connection is not None else None
        await self._websocket({**scope, "transport_output": output}, receive, send)

    @property
    def _is_stopping(self) -> bool:
        return self._lifetime is not None and self._lifetime.stop.is_set()

    async def _finish_request(self, response: Awaitable[None], connection: Connection | None) -> None:
        """Finish a request even if it is cancelled: Django answers in a thread that waits for this event loop, and a
        thread left waiting would keep the process from ending."""
        task = asyncio.ensure_future(response)
        self._open_requests.add(task)
        task.add_done_callback(self._open_requests.discard)
        if connection is not None:
            self._busy_connections.add(connection)
            task.add_done_callback(lambda _: self._busy_connections.discard(connection))
        await asyncio.shield(task)

    async def close(self) -> None:
        """Stop the runner (unfinished jobs go back to the queue) and the services, and finish the open requests.

        May be called twice.
        """
        if self._lifetime is not None:
            self._lifetime.stop.set()
            for connection in self._busy_connections:
                if connection.output is not None:
                    connection.output.release()  # a client that does not read must not delay the end
            await asyncio.wait([self._lifetime.task])
        while self._open_requests:
            await asyncio.wait(self._open_requests)

    async def _ensure_services(self) -> ServerServices:
        if self._lifetime is None or (self._lifetime.task.done() and not self._lifetime.stop.is_set()):
            stop, services = asyncio.Event(), asyncio.get_running_loop().create_future()
            self._lifetime = _Lifetime(asyncio.create_task(self._run_services(stop, services)), stop, services)
        return await asyncio.shield(self._lifetime.services)

    async def _run_services(self, stop: asyncio.Event, started: "asyncio.Future[ServerServices]") -> None:
        environment = self._environment
        loop = asyncio.get_running_loop()
        try:
            async with (
                staying_on_one_core(environment.one_core),
                running_services(environment) as services,
                _running_jobs(environment, services) as runner,
            ):

                def wake_workers() -> None:
                    if runner is not None:
                        loop.call_soon_threadsafe(runner.wake)

                call_before_shutdown(self.close)
                self._garbage_collector.freeze()
                started.set_result(
                    ServerServices(
                        publish=services.publish,
                        wake_workers=wake_workers,
                        database=services.database,
                        handshake_database=services.handshake_database,
                        computing_slots=ThreadSlots(max(2, environment.analysis_threads)),
                        subscriptions=services.subscriptions,
                        connections=services.connections,
                        notifier=services.notifier,
                        metrics=services.metrics,
                        runner=runner,
                        cache=ProcessCache(stored=1, migrations=math.inf, schema=math.inf),
                        anonymous_limiter=AnonymousRateLimiter(environment),
                    )
                )
                await stop.wait()
                await services.connections.close_all()
        except Exception as error:
            if started.done():
                log.exception("the server's services stopped with an error")
            else:
                started.set_exception(error)  # raised where the services are awaited

    async def _handle_lifespan(self, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._ensure_services()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return


def call_before_shutdown(close: Callable[[], Awaitable[None]]) -> None:
    """Await `close` before the running reactor stops; with another server, which has no reactor, do nothing."""
    # Looked up, as importing a reactor installs one. Twisted gives it no type that knows its methods.
    reactor: Any = sys.modules.get("twisted.internet.reactor")
    if reactor is None or not reactor.running:
        return
    from twisted.internet.defer import Deferred

    def close_deferred() -> "Deferred[None]":
        return Deferred.fromFuture(asyncio.ensure_future(close()))

    reactor.addSystemEventTrigger("before", "shutdown", close_deferred)
