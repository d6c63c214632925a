"""REST for a user who has enough connections open already is refused before anything is computed for it."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from netra.server.connections import Connection
from netra.server.refusals import RETRY_SECONDS


class ConnectionThrottle(BaseThrottle):
    """Counts the request's connection as its user's. Where nobody knows of connections, nothing is refused."""

    def allow_request(self, request: Request, view: Any) -> bool:
        connection = getattr(request._request, "scope", {}).get("state", {}).get("connection")
        if not isinstance(connection, Connection) or not request.user.is_authenticated:
            return True
        return connection.assign_user(request.user.pk)

    def wait(self) -> float:
        return RETRY_SECONDS
