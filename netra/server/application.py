"""The server's one object: a house, an engine and a reader, opened with the first scope, closed with the server."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from agents.engine import EmbeddedEngine
from netra.anonymous import AnonymousAllowance
from netra.closeframes import closing_as_said, protocol_of
from netra.core.networks import scope_network
from netra.environment import Environment
from netra.framegate import gate_frames
from netra.garbage import Garbage
from netra.headerlimits import are_too_long, refuse, with_plain_cookies
from netra.leaving import turn_away
from netra.restgate import RestGate
from netra.server.connections import Connection
from netra.server.pacing import connection_of, paced
from netra.server.scopes import ScopeNormalizer
from netra.shared import SharedAnswers
from netra.shutdown import before_shutdown
from netra.wiring import analysis_threads, open_house
from realtime.allowance import Allowances
from realtime.inflow import Inflow
from realtime.limits import HANDSHAKES_AT_ONCE, HANDSHAKES_PER_SECOND
from tools.policy.storage import stored_limit
from workloads.claims import Told
from workloads.confinement import limits_of
from workloads.reader import EmbeddedReader

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
App = Callable[[Scope, Callable[..., Any], Callable[..., Any]], Awaitable[None]]
WEBSOCKET = "/ws/"


@dataclass(frozen=True, slots=True)
class _Life:
    task: "asyncio.Task[None]"
    stop: asyncio.Event
    state: "asyncio.Future[dict[str, Any]]"


@asynccontextmanager
async def _readers(environment: Environment, told: Callable[[Told], None]) -> AsyncIterator[tuple[EmbeddedReader, ...]]:
    """More than one, so that somebody's huge log does not hold up the others'; on threads that no run waits for."""
    count = environment.reading_threads
    quota = partial(stored_limit, otherwise=environment.stored_bytes)
    async with analysis_threads(count) as threads, AsyncExitStack() as stack:
        limits, folder = limits_of(environment), environment.data_dir
        readers = [
            EmbeddedReader(threads, data_dir=folder, feed=told, limits=limits, quota=quota) for _ in range(count)
        ]
        yield tuple([await stack.enter_async_context(reader) for reader in readers])


def _gated(scope: Scope, send: Callable[..., Any]) -> tuple[Scope, Callable[..., Any]]:
    """A websocket whose frames are counted from the first on."""
    inflow = Inflow()
    return {**scope, "inflow": inflow}, gate_frames(closing_as_said(send), protocol_of(send), inflow)


class Application:
    """Hands each request the process's parts in `scope["state"]`: `doorbells`, `sockets`, `ringer`, `measures`,
    `database`, `engine`, and `wake` for any thread."""

    def __init__(self, environment: Environment, *, http: App, websocket: App) -> None:
        self._environment = environment
        self._http = http
        self._websocket = websocket
        self._life: _Life | None = None
        self._scopes = ScopeNormalizer(environment)
        self._garbage = Garbage()
        self._gate = RestGate(environment.rest_at_once, cookie=environment.session_cookie)
        self._handshakes = Allowances(HANDSHAKES_PER_SECOND, HANDSHAKES_AT_ONCE)
        self._requests: set[asyncio.Future[None]] = set()
        self._answered_to: set[Connection] = set()

    async def __call__(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if are_too_long(scope.get("headers", ())):
            await refuse(scope, send)
            return
        scope, connection = self._scopes.normalize(scope), connection_of(send)
        if scope["type"] == "websocket":
            scope, send = _gated(scope, send)
        if self._stopping:
            await turn_away(scope, receive, send)
            return
        # Copied: the parts are the process's, the mapping is this request's own.
        state = {**await self._opened(), "connection": connection}
        scope = {**scope, "headers": with_plain_cookies(scope["headers"]), "state": state}
        try:
            await self._served(scope, receive, send)
        finally:
            self._garbage.ended()

    async def _served(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if scope["type"] == "http":
            connection = scope["state"]["connection"]
            answered = partial(self._answered, connection=connection)
            await self._gate.serve(self._http, scope, receive, paced(send, connection), answered)
        elif scope["type"] == "websocket" and scope["path"] == WEBSOCKET:
            await self._opened_socket(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _opened_socket(self, scope: Scope, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        if not self._handshakes.of(scope_network(scope)).take():
            await send({"type": "websocket.close"})  # before it is accepted: daphne answers 403
            return
        await self._websocket(scope, receive, send)

    @property
    def _stopping(self) -> bool:
        return self._life is not None and self._life.stop.is_set()

    async def _answered(self, answering: Awaitable[None], connection: Connection | None) -> None:
        """A request under way is brought to its end, whoever cancels it: Django answers in a thread that waits for this
        loop, and a thread left waiting would keep the process from ending."""
        task = asyncio.ensure_future(answering)
        self._requests.add(task)
        task.add_done_callback(self._requests.discard)
        if connection is not None:
            self._answered_to.add(connection)
            task.add_done_callback(lambda _: self._answered_to.discard(connection))
        await asyncio.shield(task)

    async def close(self) -> None:
        """Stop the engine (unfinished runs go back to the queue) and the rest; end the requests under way.

        Closing twice is closing once.
        """
        if self._life is not None:
            self._life.stop.set()
            for connection in self._answered_to:
                if connection.output is not None:
                    connection.output.release()  # a client that does not read holds up no end
            await asyncio.wait([self._life.task])
        while self._requests:
            await asyncio.wait(self._requests)

    async def _opened(self) -> dict[str, Any]:
        if self._life is None or (self._life.task.done() and not self._life.stop.is_set()):
            stop, state = asyncio.Event(), asyncio.get_running_loop().create_future()
            self._life = _Life(asyncio.create_task(self._live(stop, state)), stop, state)
        return await asyncio.shield(self._life.state)

    async def _live(self, stop: asyncio.Event, state: "asyncio.Future[dict[str, Any]]") -> None:
        mine = self._environment
        loop = asyncio.get_running_loop()
        try:
            async with (
                open_house(mine) as house,
                EmbeddedEngine(
                    house.execute,
                    capacity=mine.engine_capacity,
                    run_seconds=mine.run_seconds,
                    database=house.database,
                ) as engine,
                _readers(mine, house.told) as readers,
            ):

                def wake() -> None:
                    loop.call_soon_threadsafe(engine.wake)
                    for reader in readers:
                        loop.call_soon_threadsafe(reader.wake)

                before_shutdown(self.close)
                self._garbage.settle()
                state.set_result(
                    {
                        "doorbells": house.doorbells,
                        "sockets": house.sockets,
                        "ringer": house.ringer,
                        "measures": house.measures,
                        "database": house.database,
                        "engine": engine,
                        "wake": wake,
                        "shared": SharedAnswers(stored=1, migrations=math.inf, schema=math.inf),
                        "anonymous": AnonymousAllowance(mine),
                    }
                )
                await stop.wait()
                await house.sockets.close_all()
        except Exception as error:
            if state.done():
                log.exception("the server's parts could not be kept open")
            else:
                state.set_exception(error)  # whoever waits tells of it

    async def _lifespan(self, receive: Callable[..., Any], send: Callable[..., Any]) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await self._opened()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await self.close()
                await send({"type": "lifespan.shutdown.complete"})
                return
