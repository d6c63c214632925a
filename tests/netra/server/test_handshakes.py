"""The number of handshakes that one address may ask for."""

from typing import Any

from netra.config import Environment
from netra.server.application import Application
from realtime.limits import HANDSHAKES_AT_ONCE, HANDSHAKES_PER_SECOND, TokenBuckets

PEER = ("10.0.0.9", 5000)


async def test_a_storm_of_handshakes_from_one_address_is_refused_and_another_address_is_let_in() -> None:
    let_in: list[str] = []
    told: list[dict[str, Any]] = []

    async def websocket(scope: Any, receive: Any, send: Any) -> None:
        let_in.append(scope["client"][0])

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    application = Application(Environment(_env_file=None), http=websocket, websocket=websocket)
    application._handshakes = TokenBuckets(HANDSHAKES_PER_SECOND, HANDSHAKES_AT_ONCE, lambda: 0.0)
    for _ in range(2 * HANDSHAKES_AT_ONCE):
        await application._accept_websocket(
            {"type": "websocket", "client": PEER, "headers": [], "connection": None}, receive, send
        )
    await application._accept_websocket(
        {"type": "websocket", "client": ("10.0.0.1", 1), "headers": [], "connection": None}, receive, send
    )
    assert let_in[-1] == "10.0.0.1"
    assert len(let_in) - 1 == HANDSHAKES_AT_ONCE
    assert told[0] == {"type": "websocket.close"}
