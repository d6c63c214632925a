"""Who comes while the server stops: sent away at once, and told to come back."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

SERVICE_RESTART = 1012
SORRY = {"code": "operator_error", "message": "The server is being started anew: try again in a moment."}


async def turn_away(kind: str, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]) -> None:
    """`kind` is the scope's type."""
    if kind == "websocket":
        await receive()  # websocket.connect
        # Accepted first: a refused handshake has no code, and looks like one that will never be let in.
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": SERVICE_RESTART})
        return
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(SORRY).encode()})
