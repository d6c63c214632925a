"""Who comes while the server stops: sent away at once, and told to come back."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from netra.language.languages import asked_for
from netra.language.text import text

SERVICE_RESTART = 1012
SORRY = text("The server is being started anew: try again in a moment.")


async def turn_away(
    scope: Mapping[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]
) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        # Accepted first: a refused handshake has no code, and looks like one that will never be let in.
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": SERVICE_RESTART})
        return
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"retry-after", b"5")]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    language = asked_for(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1"))
    answer = {"code": "operator_error", "message": language.say(SORRY)}
    await send({"type": "http.response.body", "body": json.dumps(answer).encode()})
