"""The open connections of this process, counted by address and by user, with backpressure on responses and a REST throttle."""

from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from netra.server.refusals import RETRY_SECONDS
from netra.server.write_buffers import WriteBuffer


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    total: int
    per_address: int
    per_user: int


class Connection:
    """One, from its acceptance to its loss; HTTP first, and perhaps a websocket later."""

    __slots__ = ("_register", "address", "is_closing", "output", "transport", "user")

    def __init__(self, register: "ServerConnectionRegistry", address: str | None) -> None:
        self._register = register
        self.address = address
        self.user: Hashable | None = None
        self.transport: Any = None
        self.output: WriteBuffer | None = None
        self.is_closing = False  # it is closed after what it is answered now

    def assign_address(self, address: str) -> bool:
        """Count it for this address from now on. False where that has enough."""
        return self._register.assign_address(self, address)

    def assign_user(self, user: Hashable) -> bool:
        """Count it for this user from now on. False where they have enough: then it ends with its answer."""
        if not self._register.assign_user(self, user):
            self.is_closing = True
            return False
        return True

    def clear_owner(self) -> None:
        """A proxy's between two requests: the next may be anybody's."""
        self._register.clear_owner(self)

    def end(self) -> None:
        """It is lost. Ending twice is ending once."""
        if self.output is not None:
            self.output.end()
        self._register.remove(self)


class ServerConnectionRegistry:
    """One per process. Connections come and go on its event loop; users are known in threads."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._connections: set[Connection] = set()
        self._by_transport: dict[Any, Connection] = {}
        self._addresses: Counter[str] = Counter()
        self._users: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._connections)

    def admit(self, address: str | None) -> Connection | None:
        """Count one more, or None: there are enough. `address` is None where a proxy will say whose it is."""
        with self._lock:
            if len(self._connections) >= self._limits.total or self._is_full(address):
                return None
            connection = Connection(self, address)
            self._connections.add(connection)
            _move_count(self._addresses, None, address)
            return connection

    def attach(self, connection: Connection, transport: Any) -> None:
        connection.transport = transport
        self._by_transport[transport] = connection

    def get(self, transport: Any) -> Connection:
        return self._by_transport[transport]

    def assign_address(self, connection: Connection, address: str) -> bool:
        with self._lock:
            if connection not in self._connections or address == connection.address:
                return True
            if self._is_full(address):
                return False
            _move_count(self._addresses, connection.address, address)
            connection.address = address
            return True

    def assign_user(self, connection: Connection, user: Hashable) -> bool:
        with self._lock:
            if connection not in self._connections or user == connection.user:
                return True
            if self._users[user] >= self._limits.per_user:
                return False
            _move_count(self._users, connection.user, user)
            connection.user = user
            return True

    def clear_owner(self, connection: Connection) -> None:
        with self._lock:
            if connection in self._connections:
                self._clear_owner(connection)

    def remove(self, connection: Connection) -> None:
        with self._lock:
            if connection not in self._connections:
                return
            self._connections.discard(connection)
            self._by_transport.pop(connection.transport, None)
            self._clear_owner(connection)

    def _clear_owner(self, connection: Connection) -> None:
        _move_count(self._addresses, connection.address, None)
        _move_count(self._users, connection.user, None)
        connection.address = connection.user = None

    def _is_full(self, address: str | None) -> bool:
        return address is not None and self._addresses[address] >= self._limits.per_address


def _move_count(counter: "Counter[Any]", before: Any, after: Any) -> None:
    """One less of one and one more of the other; who has none is not remembered."""
    if before is not None:
        counter[before] -= 1
        if not counter[before]:
            del counter[before]
    if after is not None:
        counter[after] += 1


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def get_connection(send: Send) -> Connection | None:
    """The connection behind a scope's `send`; None with another server than ours."""
    protocol: Any = send.args[0] if isinstance(send, partial) and send.args else None
    holder = getattr(protocol, "channel", None) or protocol  # a request's channel, or a websocket
    found = getattr(holder, "connection", None)
    return found if isinstance(found, Connection) else None


def apply_backpressure(send: Send, connection: Connection | None) -> Send:
    """`send` of an HTTP scope: one piece is written once the pieces before it have been taken."""
    output = connection.output if connection is not None else None
    if output is None:
        return send

    async def sending(message: MutableMapping[str, Any]) -> None:
        if output.is_full:
            # In the request's own thread: who does not read keeps no connection to the database from others.
            await sync_to_async(close_old_connections)()
            await output.drain()
        await send(message)

    return sending


class ConnectionThrottle(BaseThrottle):
    """Counts the request's connection as its user's. Where nobody knows of connections, nothing is refused."""

    def allow_request(self, request: Request, view: Any) -> bool:
        connection = getattr(request._request, "scope", {}).get("state", {}).get("connection")
        if not isinstance(connection, Connection) or not request.user.is_authenticated:
            return True
        return connection.assign_user(request.user.pk)

    def wait(self) -> float:
        return RETRY_SECONDS
