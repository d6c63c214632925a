"""Who asks over REST, and how the process's engines hear that there is work."""

from datetime import UTC, datetime
from uuid import uuid4

from rest_framework.request import Request

from netra.core.context import ConnectionContext
from netra.core.exceptions import InvalidContext
from netra.core.models import User
from netra.core.spoken import spoken


def caller(request: Request) -> ConnectionContext:
    """The context of an authenticated request; from its session or token, never from what it says."""
    user = request.user
    if not isinstance(user, User):
        raise InvalidContext("a request that nobody signed in for")
    return ConnectionContext(
        user_id=user.id,
        request_id=getattr(request._request, "request_id", None) or uuid4(),  # the one that its answer names
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
        locale=spoken(request).tag,
    )


def wake(request: Request) -> None:
    """Tell this process's engines to look now. Without any (a test's client) the next tick finds the work."""
    state = getattr(request._request, "scope", {}).get("state", {})
    if (bell := state.get("wake")) is not None:
        bell()
