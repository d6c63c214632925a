"""An operator's act from a page of the admin: one call through the operators' dispatcher, waited for."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from asgiref.sync import async_to_sync
from django.http import HttpRequest

from netra.core.context import ConnectionContext
from netra.core.exceptions import InvalidContext
from netra.core.models import User
from netra.operating.catalog import OPERATOR_TOOLS
from netra.operating.dispatcher import AdminToolDispatcherFactory
from tools.dispatcher import ToolResult
from workloads.api.place import data_dir

AGENT = "admin"
"""As the audit names it."""


def act(request: HttpRequest, tool: str, arguments: Mapping[str, Any]) -> ToolResult:
    """As whoever is signed in. Raises ToolRefused or ToolFailed, each fit to be shown."""
    context = _context(request)

    async def dispatch() -> ToolResult:
        factory = AdminToolDispatcherFactory(catalog=OPERATOR_TOOLS, data_dir=data_dir())
        async with factory.for_context(context, agent=AGENT) as hands:
            return await hands.dispatch(tool, arguments)

    return async_to_sync(dispatch)()


def _context(request: HttpRequest) -> ConnectionContext:
    user = request.user
    if not isinstance(user, User):
        raise InvalidContext("a request that nobody signed in for")
    return ConnectionContext(
        user_id=user.id,
        request_id=getattr(request, "request_id", None) or uuid4(),
        connection_id=uuid4(),
        created_at=datetime.now(UTC),
    )
