"""How long a request's body may be, and how much of all bodies the process holds at once."""

import re
from urllib.parse import unquote

from netra.server.limits import ANONYMOUS_BODY_BYTES, BODIES_BYTES, BODIES_OF_ONE_BYTES, BODY_BYTES
from workloads.uploads import PART_BYTES

_PART = re.compile(r"/api/uploads/[^/]+/\Z")


def body_limit(method: str, path: str, *, has_credentials: bool) -> int:
    """In bytes. `path` is decoded. Credentials need not be valid: who has none is nobody for certain."""
    if not has_credentials:
        return ANONYMOUS_BODY_BYTES
    return PART_BYTES if method == "PATCH" and _PART.match(path) else BODY_BYTES


def decoded_path(target: bytes) -> str:
    """The path of a request's first line, as the application will see it."""
    return unquote(target.partition(b"?")[0].decode("ascii", "replace"))


class BodyBudget:
    """Bytes set aside for bodies that are announced, from their headers to their requests' end. On the event loop."""

    def __init__(self, total: int = BODIES_BYTES, of_one: int = BODIES_OF_ONE_BYTES) -> None:
        self._total, self._of_one = total, of_one
        self._held: dict[str, int] = {}
        self._sum = 0

    def reserve(self, address: str, size: int) -> bool:
        """Whether there is room; if so it is taken until it is released."""
        mine = self._held.get(address, 0)
        if self._sum + size > self._total or mine + size > self._of_one:
            return False
        self._held[address] = mine + size
        self._sum += size
        return True

    def release(self, address: str, size: int) -> None:
        self._sum -= size
        left = self._held[address] - size
        if left:
            self._held[address] = left
        else:
            del self._held[address]

    @property
    def held(self) -> int:
        return self._sum
