import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from netra.server.lifespan import Lifespan
from tests.support.patience import PATIENCE

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def test_the_application_opens_before_anybody_asks_and_is_closed_at_the_end() -> None:
    heard: list[str] = []

    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        heard.append((await receive())["type"])
        await send({"type": "lifespan.startup.complete"})
        heard.append((await receive())["type"])

    ready = asyncio.Event()
    lifespan = Lifespan(application, ready=ready.set, stop=lambda: heard.append("stopped"))
    lifespan.begin()
    await asyncio.wait_for(ready.wait(), PATIENCE)
    await asyncio.wait_for(lifespan.end(), PATIENCE)
    assert heard == ["lifespan.startup", "lifespan.shutdown"]
    assert lifespan.error is None


async def test_an_application_that_cannot_open_stops_the_server() -> None:
    async def application(scope: dict[str, Any], receive: Receive, send: Send) -> None:
        raise RuntimeError("broken")

    stopped = asyncio.Event()
    lifespan = Lifespan(application, ready=lambda: None, stop=stopped.set)
    lifespan.begin()
    await asyncio.wait_for(stopped.wait(), PATIENCE)
    await asyncio.wait_for(lifespan.end(), PATIENCE)
    assert str(lifespan.error) == "broken"
