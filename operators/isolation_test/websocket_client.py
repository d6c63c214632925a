"""A websocket client that follows docs/protocol.md, and scans and checks every frame."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from core.stream.batches import Position
from operators.isolation_test.canaries import UserResults
from operators.isolation_test.rest_client import PATIENCE, TargetServer
from operators.isolation_test.stream_checks import EventRange, RangeChain, SocketChains, parse_position, parse_range

ACK_INTERVAL = 0.2  # seconds between acknowledgements
PING_AFTER = 20.0  # seconds without a frame of ours

# The server stops, the connection breaks, too many sockets. All other codes are findings: these users are signed in,
# send valid frames, and nobody changes their permissions.
EXPECTED_CLOSE_CODES = (1000, 1001, 1006, 1012, 4429)
EXPECTED_ERROR_CODES = (
    "bad_input",
    "not_found",
    "conflict",
    "rate_limited",
    "too_many_runs",
    "too_many_sockets",
    "storage_full",
)

OnEvents = Callable[[EventRange], None]


class WebSocketClient:
    """One open websocket of one user. `position` is None before the first `resume`."""

    def __init__(
        self, connection: ClientConnection, results: UserResults, where: str, on_events: OnEvents | None
    ) -> None:
        self._connection = connection
        self._results = results
        self._where = where
        self._user_id = str(results.detector.user.user_id)
        self._on_events = on_events
        self._answers: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._welcome_received: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._resync_received = asyncio.Event()
        self._stream = SocketChains(results, where)
        self._limits: Mapping[str, Any] | None = None
        self._unacknowledged = 0
        self._sent_at = time.monotonic()
        self._is_closing = False
        self.head: Position | None = None

    @property
    def position(self) -> Position | None:
        return self._stream.position

    @property
    def chains(self) -> list[RangeChain]:
        return self._stream.chains

    async def resume(self, position: Position | None, *, resync: bool = False) -> None:
        """Resume from a position, or None: that of `welcome`. `resync`: the server must answer with a resync."""
        start = position or self.head
        if start is None:
            return
        self._resync_received.clear()
        self._stream.start(start, expects_resync=resync)
        fields = {} if position is None else {"epoch": str(position.epoch), "seq": position.seq}
        await self.send(type="resume", **fields)
        if not resync:
            return
        try:
            await asyncio.wait_for(self._resync_received.wait(), PATIENCE)
        except TimeoutError:
            if self._connection.close_code is None:
                self._report("no resync for a position that cannot be resumed")

    async def request(self, kind: str, **fields: Any) -> Mapping[str, Any] | None:
        """Send a frame with an id and return its answer; None if the socket closes first."""
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        key = uuid4().hex
        self._answers[key] = answer
        await self.send(type=kind, id=key, **fields)
        try:
            return await asyncio.wait_for(answer, PATIENCE)
        except TimeoutError:
            self._report(f"no answer to {kind} within {PATIENCE:.0f} s")
        except asyncio.CancelledError:
            if not answer.cancelled():
                raise
        finally:
            self._answers.pop(key, None)
        return None

    async def send(self, **frame: Any) -> None:
        self._sent_at = time.monotonic()
        with contextlib.suppress(ConnectionClosed):  # `listen` reports the close code
            await self._connection.send(json.dumps(frame))

    async def wait_welcomed(self) -> bool:
        """Wait for the `welcome` frame. Return False if the server closes instead."""
        try:
            return await asyncio.wait_for(asyncio.shield(self._welcome_received), PATIENCE)
        except TimeoutError:
            self._report("no welcome frame")
            return False

    def abort(self) -> None:
        """Drop the connection without closing it, like a machine that loses its network."""
        self._is_closing = True
        self._connection.transport.abort()

    async def close(self) -> None:
        self._is_closing = True
        await self._connection.close()

    async def wait_closed(self) -> None:
        await self._connection.wait_closed()

    async def listen(self) -> None:
        """Handle frames until the socket closes."""
        try:
            while True:
                self._receive(await self._connection.recv(decode=False))
                if self._limits is not None and self._unacknowledged >= self._limits["ack_events"]:
                    await self._acknowledge()
        except ConnectionClosed:
            self._handle_closed()
        finally:
            if not self._welcome_received.done():
                self._welcome_received.set_result(False)
            for answer in self._answers.values():
                answer.cancel()

    async def keep_alive(self) -> None:
        """Acknowledge and ping until cancelled."""
        while True:
            await asyncio.sleep(ACK_INTERVAL)
            if self._unacknowledged:
                await self._acknowledge()
            elif time.monotonic() - self._sent_at > PING_AFTER:
                await self.send(type="ping", id="")

    async def _acknowledge(self) -> None:
        self._unacknowledged = 0
        if self._limits is not None and self.position is not None:
            await self.send(type="ack", epoch=str(self.position.epoch), seq=self.position.seq)

    def _receive(self, data: bytes) -> None:
        self._results.scan_bytes(data, self._where)
        try:
            frame = json.loads(data)
            self._handle_frame(frame)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            self._report(f"a malformed frame ({error.__class__.__name__})")

    def _handle_frame(self, frame: Mapping[str, Any]) -> None:
        kind = frame["type"]
        if kind != "welcome" and not self._welcome_received.done():
            self._welcome_received.set_result(False)
            if kind != "error":
                self._report(f"{kind} before welcome")
        if frame.get("user_id", self._user_id) != self._user_id:
            self._results.add_finding("foreign", self._where, f"a frame ({kind}) with another user's id")
        match kind:
            case "welcome":
                self._handle_welcome(frame)
            case "events":
                self._handle_events(parse_range(frame))
            case "resync":
                self._stream.restart(parse_position(frame["position"]))
                self._resync_received.set()
            case "accepted" | "pong":
                self._resolve_answer(frame)
            case "error":
                self._handle_error(frame)
            case "heartbeat":
                pass
            case _:
                self._report("a frame of an undocumented type")

    def _handle_welcome(self, frame: Mapping[str, Any]) -> None:
        self.head = parse_position(frame["position"])
        self._limits = frame.get("limits")
        self._welcome_received.set_result(True)

    def _handle_events(self, event_range: EventRange) -> None:
        self._results.events += len(event_range.events)
        self._unacknowledged += len(event_range.events)
        if self._stream.add_range(event_range) and self._on_events is not None:
            self._on_events(event_range)

    def _resolve_answer(self, frame: Mapping[str, Any]) -> None:
        answer = self._answers.get(frame["id"])
        if answer is not None and not answer.done():
            answer.set_result(frame)
        elif frame["type"] == "accepted":
            self._report("an answer to a request that this socket did not send")

    def _handle_error(self, frame: Mapping[str, Any]) -> None:
        code = str(frame["code"])
        self._results.error_codes[code] += 1
        if code not in EXPECTED_ERROR_CODES:
            self._report(f"an error frame: {code}")
        if frame.get("id") in self._answers:
            self._resolve_answer(frame)

    def _handle_closed(self) -> None:
        self._resync_received.set()
        code = self._connection.close_code or 1006
        if self._is_closing:
            return
        self._results.close_codes[code] += 1
        if code not in EXPECTED_CLOSE_CODES:
            self._report(f"closed with {code}")

    def _report(self, what: str) -> None:
        self._results.add_finding("wrong", self._where, what)


@asynccontextmanager
async def open_websocket(
    server: TargetServer, results: UserResults, where: str, *, on_events: OnEvents | None = None
) -> AsyncIterator[WebSocketClient | None]:
    """Open a websocket for the user of `results`. Yield None, and add a finding, if the server refuses it."""
    try:
        connection = await server.connect_websocket(results.detector.user, PATIENCE)
    except (OSError, TimeoutError, InvalidHandshake) as error:
        results.add_finding("wrong", where, f"no connection ({error.__class__.__name__})")
        yield None
        return
    results.sockets += 1
    socket = WebSocketClient(connection, results, where, on_events)
    tasks = [asyncio.create_task(socket.listen()), asyncio.create_task(socket.keep_alive())]
    try:
        yield socket if await socket.wait_welcomed() else None
        await socket.close()
    finally:
        connection.transport.abort()
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
