"""The server under measurement: one daphne with all three ways, told apart by path, over the installation of the
environment. `python -m benchmarks.stream.server FD`; says "ready" once it serves.

A client says "go" and gets five events of about 200 bytes: as five frames (raw), through five group_sends (naive), or
as what an agent's turn emits, stored first (netra). "slow" keeps the shared database thread busy for 200 ms; "burst"
emits a thousand events at once.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.conf import settings  # noqa: E402

from benchmarks.stream.work import BURST, Worker, event  # noqa: E402
from netra.garbage import Garbage  # noqa: E402
from netra.wiring import open_house  # noqa: E402
from realtime.consumers import ChatConsumer  # noqa: E402
from realtime.door import Door  # noqa: E402


async def raw(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        for number in range(BURST if message["text"] == "burst" else 5):
            await send({"type": "websocket.send", "text": json.dumps(event(number))})


class Naive(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """As a first version is written: every event a message to the user's group, and sent on as JSON."""

    async def connect(self) -> None:
        self.group = "naive." + self.scope["path"].rsplit("/", 1)[1]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data == "slow":
            keep_busy()
            return
        for number in range(BURST if text_data == "burst" else 5):
            await self.channel_layer.group_send(self.group, {"type": "told", "event": event(number)})

    async def told(self, message: Any) -> None:
        await self.send_json(message["event"])


async def netra(scope: Any, receive: Any, send: Any) -> None:
    """The real consumer, behind the real door; "go" and the like never reach it."""
    context = scope["context"]
    worker = Worker(context.user_id, scope["state"]["house"].bridges)

    async def heard() -> Any:
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text == "go":
                await worker.turn()
            elif text == "burst":
                await worker.burst()
            elif text == "slow":
                keep_busy()
            else:
                return message
        return message

    await ChatConsumer.as_asgi()(scope, heard, send)


def keep_busy() -> None:
    """Somebody's query of 200 ms, on the one thread that all of a process's consumers share."""
    BUSY.add(task := asyncio.get_running_loop().create_task(sync_to_async(time.sleep)(0.2)))
    task.add_done_callback(BUSY.discard)


BUSY: set["asyncio.Task[None]"] = set()


class Opened:
    """The process's parts, opened with the first visitor."""

    def __init__(self) -> None:
        self._state: asyncio.Future[dict[str, Any]] | None = None

    async def state(self) -> dict[str, Any]:
        if self._state is None:
            self._state = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._live(self._state))
        return await asyncio.shield(self._state)

    async def _live(self, state: "asyncio.Future[dict[str, Any]]") -> None:
        async with open_house(settings.NETRA) as house:
            state.set_result(
                {
                    "house": house,
                    "doorbells": house.doorbells,
                    "sockets": house.sockets,
                    "ringer": house.ringer,
                    "measures": house.measures,
                    "wake": lambda: None,
                }
            )
            Garbage().settle()
            await asyncio.Event().wait()


def main() -> None:
    opened, ours = Opened(), Door(netra, origins=())
    plain = Door(ChatConsumer.as_asgi(), origins=())

    async def routed(scope: Any, receive: Any, send: Any) -> None:
        way = scope["path"].split("/")[1]
        if way == "raw":
            await raw(scope, receive, send)
        elif way == "naive":
            await Naive.as_asgi()(scope, receive, send)
        else:
            scope["state"] = await opened.state()
            await (plain if way == "idle" else ours)(scope, receive, send)

    Server(
        routed, endpoints=[f"fd:fileno={sys.argv[1]}"], ready_callable=lambda: print("ready", flush=True), verbosity=0
    ).run()


if __name__ == "__main__":
    main()
