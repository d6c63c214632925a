"""A websocket client following docs/protocol.md, which scans every frame and checks that ranges are contiguous."""

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

from core.stream.batches import Position
from operators.isolation_test.findings import UserResults
from operators.isolation_test.rest_client import TargetServer
from operators.isolation_test.stream_checks import EventRange, RangeChain, parse_range

ANSWER_TIMEOUT = 20.0  # seconds, for a busy server
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
        self._on_events = on_events
        self._answers: dict[str, asyncio.Future[Mapping[str, Any]]] = {}
        self._welcome_received: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._resync_received = asyncio.Event()
        self._chain: RangeChain | None = None
        self._next_chain: RangeChain | None = None  # of a second resume, while frames of the first may still arrive
        self._expects_resync = False
        self._limits: Mapping[str, Any] | None = None
        self._unacknowledged = 0
        self._sent_at = time.monotonic()
        self._is_closing = False
        self.head: Position | None = None
        self.chains: list[RangeChain] = []

    @property
    def position(self) -> Position | None:
        return self._chain.position if self._chain else None

    async def resume(self, position: Position | None, *, resync: bool = False) -> None:
        """Resume from a position, or with None from that of `welcome`; `resync`: the server must answer so."""
        start = position or self.head
        if start is None:
            return
        self._expects_resync = resync
        self._resync_received.clear()
        self._next_chain = RangeChain(start, self._where)
        if self._chain is None:
            self._chain, self._next_chain = self._next_chain, None
            self.chains.append(self._chain)
        fields = {} if position is None else {"epoch": str(position.epoch), "seq": position.seq}
        await self.send(type="resume", **fields)
        if resync:
            await self._wait_resync()

    async def request(self, kind: str, **fields: Any) -> Mapping[str, Any] | None:
        """Send a frame with an id and return its answer; None if the socket closes first."""
        answer: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        key = uuid4().hex
        self._answers[key] = answer
        await self.send(type=kind, id=key, **fields)
        try:
            return await asyncio.wait_for(answer, ANSWER_TIMEOUT)
        except TimeoutError:
            self._report(f"no answer to {kind} within {ANSWER_TIMEOUT:.0f} s")
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
            return await asyncio.wait_for(asyncio.shield(self._welcome_received), ANSWER_TIMEOUT)
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
                self._handle_resync(_parse_position(frame["position"]))
            case "accepted" | "pong":
                self._resolve_answer(frame)
            case "error":
                self._handle_error(frame)
            case "heartbeat":
                pass
            case _:
                self._report("a frame of an undocumented type")

    @property
    def _user_id(self) -> str:
        return str(self._results.detector.user.user_id)

    def _handle_welcome(self, frame: Mapping[str, Any]) -> None:
        self.head = _parse_position(frame["position"])
        self._limits = frame.get("limits")
        self._welcome_received.set_result(True)

    def _handle_events(self, event_range: EventRange) -> None:
        self._results.events += len(event_range.events)
        self._unacknowledged += len(event_range.events)
        if self._next_chain and (event_range.epoch, event_range.after) == (
            self._next_chain.position.epoch,
            self._next_chain.position.seq,
        ):
            self._switch_chain(self._next_chain)
        if self._chain is None:
            self._report("events before a resume")
            return
        self._chain.add_range(event_range, self._results)
        if self._on_events is not None:
            self._on_events(event_range)

    def _handle_resync(self, position: Position) -> None:
        if not self._expects_resync:
            self._report("a resync for a valid position")
        self._expects_resync = False
        self._resync_received.set()
        self._switch_chain(RangeChain(position, self._where))

    def _switch_chain(self, chain: RangeChain) -> None:
        self._chain, self._next_chain = chain, None
        self.chains.append(chain)

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

    async def _wait_resync(self) -> None:
        try:
            await asyncio.wait_for(self._resync_received.wait(), ANSWER_TIMEOUT)
        except TimeoutError:
            if self._connection.close_code is None:
                self._report("no resync for a position that cannot be resumed")

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
    """Open a websocket for the user of `results`. None, and a finding, if the server refuses it."""
    headers = {"Authorization": f"Token {results.detector.user.token}"}
    try:
        connection = await connect(
            server.websocket_url,
            ssl=server.websocket_tls,
            additional_headers=headers,
            max_size=None,
            proxy=None,
            open_timeout=ANSWER_TIMEOUT,
            close_timeout=1,
        )
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


def _parse_position(data: Mapping[str, Any]) -> Position:
    return Position(epoch=UUID(data["epoch"]), seq=int(data["seq"]))
