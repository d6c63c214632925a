"""ASGI lifespan events, which daphne does not send: the application starts with the server, not with a request."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
AsgiApplication = Callable[[Message, Receive, Send], Awaitable[None]]


class Lifespan:
    """Starts and stops an application. `ready` is called once it has started; if it fails, `stop` is called and `error`
    is set."""

    def __init__(self, application: AsgiApplication, *, ready: Callable[[], None], stop: Callable[[], None]) -> None:
        self.error: BaseException | None = None
        self._application = application
        self._ready = ready
        self._stop = stop
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start the application; call it within a running event loop."""
        self._messages.put_nowait({"type": "lifespan.startup"})
        self._task = asyncio.create_task(self._run())

    def end(self) -> "asyncio.Future[None]":
        """Stop the application; the future is done once it has stopped."""
        self._messages.put_nowait({"type": "lifespan.shutdown"})
        return asyncio.ensure_future(self._wait_until_closed())

    async def _run(self) -> None:
        try:
            await self._application(
                {"type": "lifespan", "asgi": {"version": "3.0"}}, self._messages.get, self._handle_reply
            )
        except Exception as error:  # noqa: BLE001  # raised again once the server has stopped
            self.error = error
            self._stop()

    async def _handle_reply(self, answer: Message) -> None:
        if answer["type"] == "lifespan.startup.complete":
            self._ready()

    async def _wait_until_closed(self) -> None:
        if self._task is not None:
            await asyncio.wait([self._task])
