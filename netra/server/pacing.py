"""Answers as fast as their clients read them: `send` waits for room in the connection's buffer."""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from netra.server.connections import Connection

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


def connection_of(send: Send) -> Connection | None:
    """The connection behind a scope's `send`; None with another server than ours."""
    protocol: Any = send.args[0] if isinstance(send, partial) and send.args else None
    holder = getattr(protocol, "channel", None) or protocol  # a request's channel, or a websocket
    found = getattr(holder, "connection", None)
    return found if isinstance(found, Connection) else None


def paced(send: Send, connection: Connection | None) -> Send:
    """`send` of an HTTP scope: one piece is written once the pieces before it have been taken."""
    output = connection.output if connection is not None else None
    if output is None:
        return send

    async def sending(message: MutableMapping[str, Any]) -> None:
        if output.full:
            # In the request's own thread: who does not read keeps no connection to the database from others.
            await sync_to_async(close_old_connections)()
            await output.drained()
        await send(message)

    return sending
