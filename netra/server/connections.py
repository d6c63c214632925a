"""The open connections of this process, counted by address and by user, also those that never asked for anything."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from netra.server.write_buffers import WriteBuffer


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    total: int
    of_address: int
    of_user: int


class Connection:
    """One, from its acceptance to its loss; HTTP first, and perhaps a websocket later."""

    __slots__ = ("_register", "address", "closing", "output", "transport", "user")

    def __init__(self, register: "ConnectionRegister", address: str | None) -> None:
        self._register = register
        self.address = address
        self.user: Hashable | None = None
        self.transport: Any = None
        self.output: WriteBuffer | None = None
        self.closing = False  # it is closed after what it is answered now

    def assign_address(self, address: str) -> bool:
        """Count it for this address from now on. False where that has enough."""
        return self._register.assign_address(self, address)

    def assign_user(self, user: Hashable) -> bool:
        """Count it for this user from now on. False where they have enough: then it ends with its answer."""
        if not self._register.assign_user(self, user):
            self.closing = True
            return False
        return True

    def serve_nobody(self) -> None:
        """A proxy's between two requests: the next may be anybody's."""
        self._register.serve_nobody(self)

    def end(self) -> None:
        """It is lost. Ending twice is ending once."""
        if self.output is not None:
            self.output.end()
        self._register.forget(self)


class ConnectionRegister:
    """One per process. Connections come and go on its event loop; users are known in threads."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._lock = Lock()
        self._open: set[Connection] = set()
        self._of_transport: dict[Any, Connection] = {}
        self._addresses: Counter[str] = Counter()
        self._users: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, address: str | None) -> Connection | None:
        """Count one more, or None: there are enough. `address` is None where a proxy will say whose it is."""
        with self._lock:
            if len(self._open) >= self._limits.total or self._is_full(address):
                return None
            connection = Connection(self, address)
            self._open.add(connection)
            _recount(self._addresses, None, address)
            return connection

    def attach(self, connection: Connection, transport: Any) -> None:
        connection.transport = transport
        self._of_transport[transport] = connection

    def of(self, transport: Any) -> Connection:
        return self._of_transport[transport]

    def assign_address(self, connection: Connection, address: str) -> bool:
        with self._lock:
            if connection not in self._open or address == connection.address:
                return True
            if self._is_full(address):
                return False
            _recount(self._addresses, connection.address, address)
            connection.address = address
            return True

    def assign_user(self, connection: Connection, user: Hashable) -> bool:
        with self._lock:
            if connection not in self._open or user == connection.user:
                return True
            if self._users[user] >= self._limits.of_user:
                return False
            _recount(self._users, connection.user, user)
            connection.user = user
            return True

    def serve_nobody(self, connection: Connection) -> None:
        with self._lock:
            if connection in self._open:
                self._release(connection)

    def forget(self, connection: Connection) -> None:
        with self._lock:
            if connection not in self._open:
                return
            self._open.discard(connection)
            self._of_transport.pop(connection.transport, None)
            self._release(connection)

    def _release(self, connection: Connection) -> None:
        _recount(self._addresses, connection.address, None)
        _recount(self._users, connection.user, None)
        connection.address = connection.user = None

    def _is_full(self, address: str | None) -> bool:
        return address is not None and self._addresses[address] >= self._limits.of_address


def _recount(counter: "Counter[Any]", before: Any, after: Any) -> None:
    """One less of one and one more of the other; who has none is not remembered."""
    if before is not None:
        counter[before] -= 1
        if not counter[before]:
            del counter[before]
    if after is not None:
        counter[after] += 1
