"""A websocket client as docs/protocol.md describes one, whose every frame is searched and chained."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from netra.core.stream import Position
from netra.selftest.chain import Chain, Range, range_of
from netra.selftest.server import Server
from netra.selftest.tally import Tally

PATIENCE = 20.0  # seconds for an answer, on a busy server
BEAT = 0.2  # seconds between looks at what is to be acknowledged
QUIET = 20.0  # seconds without a word of ours before a ping

# Documented, and nobody's fault: the server stops, the way breaks, too many sockets. All others are wrong here: these
# users are signed in, well-behaved, and nobody changes their authority.
FORGIVEN = (1000, 1001, 1006, 1012, 4429)
REFUSALS = ("bad_input", "not_found", "conflict", "rate_limited", "too_many_runs", "too_many_sockets", "storage_full")

Heard = Callable[[Range], None]


class Socket:
    """One open websocket of one user. `at`: where its stream stands, None before the first `resume`."""

    def __init__(self, connection: ClientConnection, tally: Tally, where: str, on_events: Heard | None) -> None:
        self._connection = connection
        self._tally = tally
        self._where = where
        self._on_events = on_events
        self._answers: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._welcomed: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._resynced = asyncio.Event()
        self._chain: Chain | None = None
        self._next: Chain | None = None  # of a second resume: frames of the first may still be on their way
        self._resync_due = False
        self._limits: Mapping[str, Any] | None = None
        self._unacknowledged = 0
        self._spoke = time.monotonic()
        self._leaving = False
        self.head: Position | None = None
        self.chains: list[Chain] = []

    @property
    def at(self) -> Position | None:
        return self._chain.at if self._chain else None

    async def resume(self, position: Position | None, *, resync: bool = False) -> None:
        """Ask for what follows a position (None: what follows `welcome`'s); `resync`: it cannot be gone on from."""
        start = position or self.head
        if start is None:
            return
        self._resync_due = resync
        self._resynced.clear()
        self._next = Chain(start, self._where)
        if self._chain is None:
            self._chain, self._next = self._next, None
            self.chains.append(self._chain)
        fields = {} if position is None else {"epoch": str(position.epoch), "seq": position.seq}
        await self.say(type="resume", **fields)
        if resync:
            await self._expect_resync()

    async def ask(self, kind: str, **fields: Any) -> Mapping[str, Any] | None:
        """The answer to a frame with an id; None if the socket closed before."""
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        key = uuid4().hex
        self._answers[key] = answer
        await self.say(type=kind, id=key, **fields)
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            self._wrong(f"no answer to {kind} within {PATIENCE:.0f} s")
        except asyncio.CancelledError:
            if not answer.cancelled():
                raise
        finally:
            self._answers.pop(key, None)
        return None

    async def say(self, **frame: Any) -> None:
        self._spoke = time.monotonic()
        with contextlib.suppress(ConnectionClosed):  # `listen` tells how it was closed
            await self._connection.send(json.dumps(frame))

    async def welcomed(self) -> bool:
        """Whether the server has said who we are; False if it closed instead."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._welcomed), PATIENCE)
        except TimeoutError:
            self._wrong("no welcome")
            return False

    def drop(self) -> None:
        """Go without a word, as a machine that loses its network."""
        self._leaving = True
        self._connection.transport.abort()

    async def close(self) -> None:
        self._leaving = True
        await self._connection.close()

    async def gone(self) -> None:
        """Wait until it is closed."""
        await self._connection.wait_closed()

    async def listen(self) -> None:
        """Until the socket closes."""
        try:
            while True:
                self._take(await self._connection.recv(decode=False))
                if self._limits is not None and self._unacknowledged >= self._limits["ack_events"]:
                    await self._acknowledge()
        except ConnectionClosed:
            self._closed()
        finally:
            if not self._welcomed.done():
                self._welcomed.set_result(False)
            for answer in self._answers.values():
                answer.cancel()

    async def keep(self) -> None:
        """Acknowledge and ping, until it is cancelled."""
        while True:
            await asyncio.sleep(BEAT)
            if self._unacknowledged:
                await self._acknowledge()
            elif time.monotonic() - self._spoke > QUIET:
                await self.say(type="ping", id="")

    async def _acknowledge(self) -> None:
        self._unacknowledged = 0
        if self._limits is not None and self.at is not None:
            await self.say(type="ack", epoch=str(self.at.epoch), seq=self.at.seq)

    def _take(self, data: bytes) -> None:
        self._tally.heard(data, self._where)
        try:
            frame = json.loads(data)
            self._frame(frame)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._wrong(f"a frame is not as documented ({error.__class__.__name__})")

    def _frame(self, frame: Mapping[str, Any]) -> None:
        kind = frame["type"]
        if kind != "welcome" and not self._welcomed.done():
            self._welcomed.set_result(False)
            if kind != "error":
                self._wrong(f"{kind} before welcome")
        if frame.get("user_id", self._me) != self._me:
            self._tally.found("foreign", self._where, f"a frame ({kind}) with the id of another user")
        match kind:
            case "welcome":
                self._welcome(frame)
            case "events":
                self._events(range_of(frame))
            case "resync":
                self._resync(_position(frame["position"]))
            case "accepted" | "pong":
                self._answer(frame)
            case "error":
                self._error(frame)
            case "heartbeat":
                pass
            case _:
                self._wrong("a frame of a type that is not documented")

    @property
    def _me(self) -> str:
        return str(self._tally.sieve.own.user_id)

    def _welcome(self, frame: Mapping[str, Any]) -> None:
        self.head = _position(frame["position"])
        self._limits = frame.get("limits")
        self._welcomed.set_result(True)

    def _events(self, told: Range) -> None:
        self._tally.events += len(told.events)
        self._unacknowledged += len(told.events)
        if self._next and (told.epoch, told.after) == (self._next.at.epoch, self._next.at.seq):
            self._go_on(self._next)
        if self._chain is None:
            self._wrong("events before a resume")
            return
        self._chain.take(told, self._tally)
        if self._on_events is not None:
            self._on_events(told)

    def _resync(self, position: Position) -> None:
        if not self._resync_due:
            self._wrong("a resync for a position of the user's own")
        self._resync_due = False
        self._resynced.set()
        self._go_on(Chain(position, self._where))

    def _go_on(self, chain: Chain) -> None:
        self._chain, self._next = chain, None
        self.chains.append(chain)

    def _answer(self, frame: Mapping[str, Any]) -> None:
        waiting = self._answers.get(frame["id"])
        if waiting is not None and not waiting.done():
            waiting.set_result(frame)
        elif frame["type"] == "accepted":
            self._wrong("an answer to what this socket did not ask")

    def _error(self, frame: Mapping[str, Any]) -> None:
        code = str(frame["code"])
        self._tally.codes[code] += 1
        if code not in REFUSALS:
            self._wrong(f"an error frame: {code}")
        if frame.get("id") in self._answers:
            self._answer(frame)

    async def _expect_resync(self) -> None:
        try:
            await asyncio.wait_for(self._resynced.wait(), PATIENCE)
        except TimeoutError:
            if self._connection.close_code is None:
                self._wrong("no resync for a position that cannot be gone on from")

    def _closed(self) -> None:
        self._resynced.set()
        code = self._connection.close_code or 1006
        if self._leaving:
            return
        self._tally.closes[code] += 1
        if code not in FORGIVEN:
            self._wrong(f"closed with {code}")

    def _wrong(self, what: str) -> None:
        self._tally.found("wrong", self._where, what)


@asynccontextmanager
async def opened(
    server: Server, tally: Tally, where: str, *, on_events: Heard | None = None
) -> AsyncIterator[Socket | None]:
    """A websocket of the tally's user; None where the server did not let it in, which the tally is told."""
    headers = {"Authorization": f"Token {tally.sieve.own.token}"}
    try:
        connection = await connect(
            server.websocket,
            ssl=server.websocket_tls,
            additional_headers=headers,
            max_size=None,
            proxy=None,
            open_timeout=PATIENCE,
            close_timeout=1,
        )
    except (OSError, TimeoutError, InvalidHandshake) as error:
        tally.found("wrong", where, f"no socket ({error.__class__.__name__})")
        yield None
        return
    tally.sockets += 1
    socket = Socket(connection, tally, where, on_events)
    tasks = [asyncio.create_task(socket.listen()), asyncio.create_task(socket.keep())]
    try:
        yield socket if await socket.welcomed() else None
        await socket.close()
    finally:
        connection.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)


def _position(given: Mapping[str, Any]) -> Position:
    return Position(epoch=UUID(given["epoch"]), seq=int(given["seq"]))
