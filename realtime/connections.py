"""The open websockets of this process: their output, and their registry.

The registry limits the sockets of a user, checks their credentials, and closes the idle ones.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from autobahn.exception import Disconnected

from core.concurrency.database_threads import run_in_shared_thread
from core.scope_services import RequestServices
from realtime import protocol
from realtime.auth import Credential, find_withdrawn_credentials
from realtime.broadcast import ChannelLayerNotifier
from realtime.limits import (
    HEARTBEAT,
    SILENCE,
    USER_FRAMES_AT_ONCE,
    USER_FRAMES_PER_SECOND,
    USER_SOCKETS,
    TokenBucket,
    TokenBuckets,
)
from realtime.metrics import Metrics
from realtime.protocol import CloseCode
from realtime.subscriptions import StreamSubscriptions

log = logging.getLogger(__name__)

CREDENTIAL_CHECK_SECONDS = 0.5  # between two checks of the credentials
IDLE_CHECK_SECONDS = 1.0  # between two searches for idle sockets

Send = Callable[[dict[str, Any]], Awaitable[None]]


class TransportOutput(Protocol):
    """The connection below a socket, which knows what the client has read."""

    async def drain(self) -> None:
        """Wait until there is room for more."""

    def abort_if_unread(self) -> bool:
        """End the connection if too much is unread, and return whether it was."""


class ConnectionGone(Exception):
    """The socket is closed, by the client or by the server: there is nobody to send to."""


class WebSocketOutput:
    """Sends to one socket until it is closed."""

    __slots__ = ("_metrics", "_send", "_transport", "is_closed", "last_sent_at")

    def __init__(self, send: Send, metrics: Metrics, transport: TransportOutput | None = None) -> None:
        """`transport` is None if the server does not know what the client has read."""
        self._send = send
        self._transport = transport
        self._metrics = metrics
        self.is_closed = False
        self.last_sent_at = time.monotonic()

    async def accept(self) -> None:
        await self._send_message({"type": "websocket.accept"})

    async def drain(self) -> None:
        """Wait until the client has read enough of what it was sent."""
        if self._transport is not None:
            await self._transport.drain()

    async def send_text(self, frame: str) -> None:
        """Raises ConnectionGone."""
        if self.is_closed:
            raise ConnectionGone
        self.last_sent_at = time.monotonic()
        await self._send_message({"type": "websocket.send", "text": frame})
        if self._transport is not None and self._transport.abort_if_unread():
            self.is_closed = True
            self._metrics.count_close(CloseCode.SILENT)
            raise ConnectionGone

    async def close(self, code: CloseCode) -> None:
        """Close the socket. For one that is closed or gone, this does nothing."""
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


class TooManySockets(Exception):
    """The user has as many open sockets as one user may have."""


class OpenSocket(Protocol):
    """What the registry needs of a socket."""

    credential: Credential
    output: WebSocketOutput
    last_frame_at: float  # time.monotonic() of the last frame


class ConnectionRegistry:
    """All open sockets of one process; used on its event loop only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._by_user: dict[UUID, set[OpenSocket]] = {}
        self._clock = clock
        # They outlive the sockets, or reconnecting would fill a user's bucket again.
        self._frame_buckets = TokenBuckets(USER_FRAMES_PER_SECOND, USER_FRAMES_AT_ONCE, clock)

    def get_frame_bucket(self, user_id: UUID) -> TokenBucket:
        """Return the bucket that limits the frames of all sockets of this user."""
        return self._frame_buckets.get_bucket(user_id)

    def add(self, socket: OpenSocket) -> None:
        """Register a socket until it is removed. Raises TooManySockets."""
        sockets = self._by_user.setdefault(socket.credential.user_id, set())
        if len(sockets) >= USER_SOCKETS:
            raise TooManySockets
        sockets.add(socket)

    def remove(self, socket: OpenSocket) -> None:
        sockets = self._by_user[socket.credential.user_id]
        sockets.discard(socket)
        if not sockets:
            del self._by_user[socket.credential.user_id]

    def __len__(self) -> int:
        return sum(len(sockets) for sockets in self._by_user.values())

    def list_open(self) -> list[OpenSocket]:
        return [socket for sockets in self._by_user.values() for socket in sockets]

    async def close_unauthorized(self) -> None:
        """Close the sockets whose credentials are no longer valid."""
        credentials = {socket.credential for socket in self.list_open()}
        if credentials:
            withdrawn = await run_in_shared_thread(find_withdrawn_credentials, credentials)
            await self._close(
                (socket for socket in self.list_open() if socket.credential in withdrawn), CloseCode.AUTHORITY_CHANGED
            )

    async def close_idle(self) -> None:
        """Close the sockets whose client is silent for too long; send a heartbeat to those that were sent nothing."""
        now = self._clock()
        idle = (socket for socket in self.list_open() if now - socket.last_frame_at > SILENCE)
        await self._close(idle, CloseCode.SILENT)
        for socket in self.list_open():
            if now - socket.output.last_sent_at > HEARTBEAT and not socket.output.is_closed:
                await _send_heartbeat(socket.output)

    async def close_all(self) -> None:
        """The server stops."""
        await self._close(self.list_open(), CloseCode.GOING_AWAY)

    async def _close(self, sockets: Iterable[OpenSocket], code: CloseCode) -> None:
        for socket in sockets:
            await socket.output.close(code)


async def _send_heartbeat(output: WebSocketOutput) -> None:
    try:
        await output.send_text(protocol.render_heartbeat())
    except ConnectionGone:
        return  # its consumer is about to end


async def supervise_connections(connections: ConnectionRegistry) -> None:
    """Close unauthorized and idle sockets until cancelled."""
    idle_checked_at = 0.0
    while True:
        await asyncio.sleep(CREDENTIAL_CHECK_SECONDS)
        try:
            await connections.close_unauthorized()
            if time.monotonic() - idle_checked_at >= IDLE_CHECK_SECONDS:
                idle_checked_at = time.monotonic()
                await connections.close_idle()
        except Exception:
            # The database may be away for a moment: the next check tries again.
            log.exception("the open sockets could not be checked")


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketServices(RequestServices):
    """What the sockets of a process share; used on its event loop only."""

    subscriptions: StreamSubscriptions
    connections: ConnectionRegistry
    notifier: ChannelLayerNotifier
    metrics: Metrics
