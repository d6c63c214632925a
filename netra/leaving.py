"""Who comes while the server stops: sent away at once, and told to come back."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from netra.language.text import text
from netra.server.refusals import RETRY_SECONDS, Refusal

SERVICE_RESTART = 1012
RESTARTING = Refusal(
    503, "operator_error", text("The server is restarting. Try again in a moment."), retry_after=RETRY_SECONDS
)


async def turn_away(
    scope: Mapping[str, Any], receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[None]]
) -> None:
    if scope["type"] == "websocket":
        await receive()  # websocket.connect
        # Accepted first: a refused handshake has no code, and looks like one that will never be let in.
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.close", "code": SERVICE_RESTART})
        return
    await RESTARTING.send(scope, send)
