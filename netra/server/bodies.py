"""The allowed length of a request's body, and the budget for all bodies that the process holds at once."""

import re
from urllib.parse import unquote

from netra.server.limits import ALL_BODIES_BYTES, ANONYMOUS_BODY_BYTES, BODIES_PER_ADDRESS_BYTES, BODY_BYTES
from workloads.uploads import PART_BYTES

_PART_PATH = re.compile(r"/api/uploads/[^/]+/\Z")


def get_body_limit(method: str, path: str, *, has_credentials: bool) -> int:
    """In bytes. `path` is decoded. Credentials need not be valid: who has none is nobody for certain."""
    if not has_credentials:
        return ANONYMOUS_BODY_BYTES
    return PART_BYTES if method == "PATCH" and _PART_PATH.match(path) else BODY_BYTES


def decode_path(target: bytes) -> str:
    """The path of a request's first line, as the application will see it."""
    return unquote(target.partition(b"?")[0].decode("ascii", "replace"))


class BodyBudget:
    """Bytes set aside for bodies that are announced, from their headers to their requests' end. On the event loop."""

    def __init__(self, total: int = ALL_BODIES_BYTES, of_one: int = BODIES_PER_ADDRESS_BYTES) -> None:
        self._total, self._per_address = total, of_one
        self._by_address: dict[str, int] = {}
        self._sum = 0

    def reserve(self, address: str, size: int) -> bool:
        """Whether there is room; if so it is taken until it is released."""
        mine = self._by_address.get(address, 0)
        if self._sum + size > self._total or mine + size > self._per_address:
            return False
        self._by_address[address] = mine + size
        self._sum += size
        return True

    def release(self, address: str, size: int) -> None:
        self._sum -= size
        left = self._by_address[address] - size
        if left:
            self._by_address[address] = left
        else:
            del self._by_address[address]

    @property
    def reserved_bytes(self) -> int:
        return self._sum
