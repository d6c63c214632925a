"""The address that a connection came from."""

from collections.abc import Mapping
from typing import Any


def address_of(scope: Mapping[str, Any], *, behind_proxy: bool) -> str:
    """The peer's; behind a proxy, the one that this proxy put last into X-Forwarded-For. Empty where there is none."""
    if behind_proxy:
        given = [value for name, value in scope["headers"] if name.lower() == b"x-forwarded-for"]
        last = given[-1].decode("latin-1").rpartition(",")[2].strip() if given else ""
        if last:
            return last
    client = scope.get("client")
    return str(client[0]) if client else ""
