"""The open websockets of this process: their output and their registry, which limits them per user, checks their credentials
and closes the idle ones.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from asgiref.sync import sync_to_async
from autobahn.exception import Disconnected

from realtime import protocol
from realtime.auth import Credential, find_withdrawn_credentials
from realtime.limits import HEARTBEAT, SILENCE, USER_FRAMES_AT_ONCE, USER_FRAMES_PER_SECOND, USER_SOCKETS
from realtime.metrics import Metrics
from realtime.protocol import CloseCode
from realtime.rate_limits import TokenBucket, TokenBuckets

Send = Callable[[dict[str, Any]], Awaitable[None]]


class TransportOutput(Protocol):
    """What is known of the connection below a socket."""

    async def drain(self) -> None:
        """Wait until what was written has been taken."""

    def abort_if_unread(self) -> bool:
        """Whether the connection was ended, since too much is unread."""


class ConnectionGone(Exception):
    """The client has left, or was told to: there is nobody to send to."""


class WebSocketOutput:
    __slots__ = ("_metrics", "_send", "_transport", "is_closed", "last_sent_at")

    def __init__(self, send: Send, measures: Metrics, output: TransportOutput | None = None) -> None:
        """`output` is None where nothing is known of what the client has taken."""
        self._send = send
        self._transport = output
        self._metrics = measures
        self.is_closed = False
        self.last_sent_at = time.monotonic()

    async def accept(self) -> None:
        await self._send_message({"type": "websocket.accept"})

    async def drain(self) -> None:
        """Wait until the client has taken what it was sent."""
        if self._transport is not None:
            await self._transport.drain()

    async def send_text(self, frame: str) -> None:
        """Raises Gone."""
        if self.is_closed:
            raise ConnectionGone
        self.last_sent_at = time.monotonic()
        await self._send_message({"type": "websocket.send", "text": frame})
        if self._transport is not None and self._transport.abort_if_unread():
            self.is_closed = True
            self._metrics.count_close(CloseCode.SILENT)
            raise ConnectionGone

    async def close(self, code: CloseCode) -> None:
        """Closing twice, or a socket that is gone, changes nothing."""
        if self.is_closed:
            return
        self.is_closed = True
        self._metrics.count_close(code)
        try:
            await self._send_message({"type": "websocket.close", "code": int(code)})
        except ConnectionGone:
            return

    async def _send_message(self, message: dict[str, Any]) -> None:
        try:
            await self._send(message)
        except (Disconnected, OSError) as error:
            self.is_closed = True
            raise ConnectionGone from error


log = logging.getLogger(__name__)

CREDENTIAL_CHECK_SECONDS = 0.5  # seconds between looks at authority
IDLE_CHECK_SECONDS = 1.0  # seconds between looks at who is silent


class TooManySockets(Exception):
    """This user has as many as one may have."""


class OpenSocket(Protocol):
    """What the register knows of a socket."""

    credential: Credential
    output: WebSocketOutput
    last_frame_at: float  # time.monotonic() of the last frame


class ConnectionRegistry:
    """One per process, made by wiring and handed down; used on its event loop only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_user: dict[UUID, set[OpenSocket]] = {}
        self._clock = clock
        # Beyond a socket's end, or coming back would begin it anew.
        self._frame_buckets = TokenBuckets(USER_FRAMES_PER_SECOND, USER_FRAMES_AT_ONCE, clock)

    def get_frame_bucket(self, user_id: UUID) -> TokenBucket:
        """How many frames all sockets of this user may send."""
        return self._frame_buckets.get_bucket(user_id)

    def add(self, socket: OpenSocket) -> None:
        """Until it is removed. Raises TooManySockets."""
        mine = self._by_user.setdefault(socket.credential.user_id, set())
        if len(mine) >= USER_SOCKETS:
            raise TooManySockets
        mine.add(socket)

    def remove(self, socket: OpenSocket) -> None:
        mine = self._by_user[socket.credential.user_id]
        mine.discard(socket)
        if not mine:
            del self._by_user[socket.credential.user_id]

    def __len__(self) -> int:
        return sum(len(each) for each in self._by_user.values())

    def list_open(self) -> list[OpenSocket]:
        return [socket for mine in self._by_user.values() for socket in mine]

    async def close_unauthorized(self) -> None:
        """Close whoever's authority is gone."""
        credentials = {socket.credential for socket in self.list_open()}
        if credentials:
            gone = await sync_to_async(find_withdrawn_credentials)(credentials)
            await self._close(
                (socket for socket in self.list_open() if socket.credential in gone), CloseCode.AUTHORITY_CHANGED
            )

    async def close_idle(self) -> None:
        """Close whoever is silent for too long; say something to whom we have not for a while."""
        now = self._clock()
        await self._close((each for each in self.list_open() if now - each.last_frame_at > SILENCE), CloseCode.SILENT)
        for socket in self.list_open():
            if now - socket.output.last_sent_at > HEARTBEAT and not socket.output.is_closed:
                await _send_heartbeat(socket.output)

    async def close_all(self) -> None:
        """The server stops."""
        await self._close(self.list_open(), CloseCode.GOING_AWAY)

    async def _close(self, sockets: Iterable[OpenSocket], code: CloseCode) -> None:
        for socket in sockets:
            await socket.output.close(code)


async def _send_heartbeat(out: WebSocketOutput) -> None:
    try:
        await out.send_text(protocol.render_heartbeat())
    except ConnectionGone:
        return  # its consumer is about to learn so


async def supervise_connections(sockets: ConnectionRegistry) -> None:
    """Look and tend, for ever."""
    tended = 0.0
    while True:
        await asyncio.sleep(CREDENTIAL_CHECK_SECONDS)
        try:
            await sockets.close_unauthorized()
            if time.monotonic() - tended >= IDLE_CHECK_SECONDS:
                tended = time.monotonic()
                await sockets.close_idle()
        except Exception:
            # A database that is away for a moment must not end the watch: the next look tries again.
            log.exception("the open sockets could not be looked at")
