"""Bounds on what one connection may cost the server before its user is known, the allowed length of a request's body,
and the budget for all bodies that the process holds at once. docs/operations.md lists the bounds."""

import re
from urllib.parse import unquote

from workloads.uploads import PART_BYTES

ANONYMOUS_BODY_BYTES = 64 * 1024  # of a request with neither a session nor a token
BODY_BYTES = 1024**2
ALL_BODIES_BYTES = 256 * 1024**2  # of all open requests in this process
BODIES_PER_ADDRESS_BYTES = 128 * 1024**2  # of all open requests from one address

HEADER_BYTES = 16 * 1024  # a request's first line and headers
HEADER_COUNT = 100

HEADER_SECONDS = 20.0  # from a request's first byte to the end of its headers; also until the first request
HANDSHAKE_SECONDS = 20  # until a websocket's handshake is answered: when all clients reconnect, most wait their turn
BODY_SECONDS = 30.0  # and one more second for each BODY_BYTES_PER_SECOND
BODY_BYTES_PER_SECOND = 16 * 1024
LINGER_SECONDS = 5.0  # in which a refused client may finish sending, and read the answer
LINGER_BYTES = 16 * 1024**2

UNREAD_BYTES = 4 * 1024**2  # written to one connection and not yet taken by its client
STALL_SECONDS = 30.0  # in which a client that has something to read must take at least STALL_BYTES, or all of it
STALL_BYTES = 32 * 1024

_FILE_PATHS = {
    "PATCH": re.compile(r"/api/uploads/[^/]+/\Z"),
    "PUT": re.compile(r"/api/workloads/[^/]+/invoice/\Z"),
}
"""Paths whose bodies are files, or parts of them, by method."""


def get_body_limit(method: str, path: str, *, has_credentials: bool) -> int:
    """Return the limit in bytes. `path` is decoded; the credentials have not been checked yet."""
    if not has_credentials:
        return ANONYMOUS_BODY_BYTES
    files = _FILE_PATHS.get(method)
    return PART_BYTES if files is not None and files.match(path) else BODY_BYTES


def decode_path(target: bytes) -> str:
    """Return the path of a request line, as the application will see it."""
    return unquote(target.partition(b"?")[0].decode("ascii", "replace"))


class BodyBudget:
    """Reserves bytes for announced bodies, from their headers to the end of their requests. For the event loop."""

    def __init__(self, total: int = ALL_BODIES_BYTES, per_address: int = BODIES_PER_ADDRESS_BYTES) -> None:
        self._total, self._per_address = total, per_address
        self._by_address: dict[str, int] = {}
        self._sum = 0

    def reserve(self, address: str, size: int) -> bool:
        """Reserve the bytes until they are released. False if the budget has no room for them."""
        reserved = self._by_address.get(address, 0)
        if self._sum + size > self._total or reserved + size > self._per_address:
            return False
        self._by_address[address] = reserved + size
        self._sum += size
        return True

    def release(self, address: str, size: int) -> None:
        self._sum -= size
        remaining = self._by_address[address] - size
        if remaining:
            self._by_address[address] = remaining
        else:
            del self._by_address[address]

    @property
    def reserved_bytes(self) -> int:
        return self._sum
