"""The open connections of this process, counted by address and by user.

Also backpressure on responses, and the REST throttle that counts a connection for its user."""

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
    """An open connection, from accept to close: HTTP first, and possibly a websocket later."""

    __slots__ = ("_register", "address", "is_closing", "output", "transport", "user")

    def __init__(self, register: "ServerConnectionRegistry", address: str | None) -> None:
        self._register = register
        self.address = address
        self.user: Hashable | None = None
        self.transport: Any = None
        self.output: WriteBuffer | None = None
        self.is_closing = False  # whether it is closed after the current response

    def assign_address(self, address: str) -> bool:
        """Count it for this address from now on. False if the address has too many."""
        return self._register.assign_address(self, address)

    def assign_user(self, user: Hashable) -> bool:
        """Count it for this user from now on. False if the user has too many: then it is closed after its response."""
        if not self._register.assign_user(self, user):
            self.is_closing = True
            return False
        return True

    def clear_owner(self) -> None:
        """Count a proxy's connection for nobody between two requests: the next may be anybody's."""
        self._register.clear_owner(self)

    def end(self) -> None:
        """Remove it, as it was closed. May be called twice."""
        if self.output is not None:
            self.output.end()
        self._register.remove(self)


class ServerConnectionRegistry:
    """The connections of one process. They are added and removed on its event loop; threads assign users."""

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
        """Count a new connection; None if there are too many. `address` is None until a proxy's header names it."""
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
    """Subtract one from `before`, removing it at zero, and add one to `after`."""
    if before is not None:
        counter[before] -= 1
        if not counter[before]:
            del counter[before]
    if after is not None:
        counter[after] += 1


Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def get_connection(send: Send) -> Connection | None:
    """Return the connection behind a scope's `send`; None if the server is not ours."""
    protocol: Any = send.args[0] if isinstance(send, partial) and send.args else None
    holder = getattr(protocol, "channel", None) or protocol  # a request's channel, or a websocket
    found = getattr(holder, "connection", None)
    return found if isinstance(found, Connection) else None


def apply_backpressure(send: Send, connection: Connection | None) -> Send:
    """Return a `send` of an HTTP scope that waits until the client has taken what was written before."""
    output = connection.output if connection is not None else None
    if output is None:
        return send

    async def send_when_drained(message: MutableMapping[str, Any]) -> None:
        if output.is_full:
            # In the request's own thread: a client that does not read must not hold a database connection.
            await sync_to_async(close_old_connections)()
            await output.drain()
        await send(message)

    return send_when_drained


class ConnectionThrottle(BaseThrottle):
    """Counts the request's connection for its user. With a server that doesn't count connections it allows all."""

    def allow_request(self, request: Request, view: Any) -> bool:
        connection = getattr(request._request, "scope", {}).get("connection")
        if not isinstance(connection, Connection) or not request.user.is_authenticated:
            return True
        return connection.assign_user(request.user.pk)

    def wait(self) -> float:
        return RETRY_SECONDS
