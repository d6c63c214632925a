"""Close codes below 3000 leave daphne's sockets as they were said.

Autobahn takes 1000 and 3000 to 4999 from an application and raises for the rest, also for 1011 and 1012, which servers
are meant to send (RFC 6455 and the registry that goes with it). Of a message that is too large (1009) it says nothing
unless told to: the line just breaks, and a client would come back and say the same again.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
FROM_SERVERS = (1011, 1012)


def protocol_of(send: Send) -> Any:
    """Daphne's protocol behind a scope's `send`; None with another server."""
    return send.args[0] if isinstance(send, partial) and send.args else None


def closing_as_said(send: Send) -> Send:
    """`send` of a websocket's scope; another server's than daphne's is given back as it is."""
    protocol = protocol_of(send)
    if not hasattr(protocol, "sendCloseFrame"):
        return send
    protocol.failByDrop = False

    async def sending(message: MutableMapping[str, Any]) -> None:
        code = message.get("code")
        if message["type"] == "websocket.close" and code in FROM_SERVERS and protocol.state == protocol.STATE_OPEN:
            protocol.sendCloseFrame(code=code)
        else:
            await send(message)

    return sending
