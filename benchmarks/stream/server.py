"""A server under measurement: `python -m benchmarks.stream.server FD plain|netra`; prints "ready" once it serves.

"plain" is daphne as it comes, with raw and naive, chosen by path. "netra" is daphne with Netra's own protocols, as
`manage.py run` has it, over the installation of the environment, without its limits of frames and handshakes.

A client sends "go" and gets five events of about 200 bytes: as five frames (raw), through five group_sends (naive), or
as what an agent's turn emits, stored first (netra). "slow" keeps the shared database thread busy for 200 ms; "burst"
emits a thousand events at once."""

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "netra.settings")
django.setup()

from asgiref.sync import sync_to_async  # noqa: E402
from channels.generic.websocket import AsyncJsonWebsocketConsumer  # noqa: E402
from daphne.server import Server  # noqa: E402
from django.conf import settings  # noqa: E402

from benchmarks.stream.event_producer import BURST_EVENTS, EventProducer, build_event  # noqa: E402
from core.concurrency.one_core import staying_on_one_core  # noqa: E402
from core.scope_services import read_services  # noqa: E402
from netra.process import GarbageCollector  # noqa: E402
from netra.server.connections import get_connection  # noqa: E402
from netra.server.factories import install_factories  # noqa: E402
from netra.server.websockets import send_server_close_codes  # noqa: E402
from netra.services import running_services  # noqa: E402
from realtime.auth import WebSocketAuthMiddleware  # noqa: E402
from realtime.connections import SocketServices  # noqa: E402
from realtime.consumer import ChatConsumer  # noqa: E402
from realtime.emitter import WebSocketBridgeFactory  # noqa: E402


async def serve_raw(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        for number in range(BURST_EVENTS if message["text"] == "burst" else 5):
            await send({"type": "websocket.send", "text": json.dumps(build_event(number))})


class NaiveConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """A typical first version: every event is a message to the user's group, and forwarded as JSON."""

    async def connect(self) -> None:
        self.group = "naive." + self.scope["path"].rsplit("/", 1)[1]
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int) -> None:
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if text_data == "slow":
            block_database_thread()
            return
        for number in range(BURST_EVENTS if text_data == "burst" else 5):
            await self.channel_layer.group_send(self.group, {"type": "send.event", "event": build_event(number)})

    async def send_event(self, message: Any) -> None:
        await self.send_json(message["event"])


async def serve_netra(scope: Any, receive: Any, send: Any) -> None:
    """The real consumer behind the real authentication; "go" and the other commands never reach it."""
    context = scope["context"]
    producer = EventProducer(context.user_id, read_services(scope, BenchmarkServices).bridge_factory)

    async def receive_other() -> Any:
        while (message := await receive())["type"] == "websocket.receive":
            text = message.get("text")
            if text == "go":
                await producer.emit_turn()
            elif text == "burst":
                await producer.emit_burst()
            elif text == "slow":
                block_database_thread()
            else:
                return message
        return message

    await ChatConsumer.as_asgi()(scope, receive_other, send)


def block_database_thread() -> None:
    """A query of 200 ms on the one thread that all consumers of a process share."""
    BLOCKING_TASKS.add(task := asyncio.get_running_loop().create_task(sync_to_async(time.sleep)(0.2)))
    task.add_done_callback(BLOCKING_TASKS.discard)


BLOCKING_TASKS: set["asyncio.Task[None]"] = set()


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkServices(SocketServices):
    """What the variants share: nobody starts a run here, so there are no workers to wake."""

    bridge_factory: WebSocketBridgeFactory


class LazyServices:
    """The services of the process, started with the first connection."""

    def __init__(self) -> None:
        self._services: asyncio.Future[BenchmarkServices] | None = None

    async def get(self) -> BenchmarkServices:
        if self._services is None:
            self._services = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._run(self._services))
        return await asyncio.shield(self._services)

    async def _run(self, started: "asyncio.Future[BenchmarkServices]") -> None:
        async with staying_on_one_core(settings.NETRA.one_core), running_services(settings.NETRA) as services:
            started.set_result(
                BenchmarkServices(
                    publish=services.publish,
                    wake_workers=lambda: None,
                    database=services.database,
                    handshake_database=services.handshake_database,
                    subscriptions=services.subscriptions,
                    connections=services.connections,
                    notifier=services.notifier,
                    metrics=services.metrics,
                    bridge_factory=services.bridge_factory,
                )
            )
            GarbageCollector().freeze()
            await asyncio.Event().wait()


async def route_plain(scope: Any, receive: Any, send: Any) -> None:
    serve = serve_raw if scope["path"] == "/raw" else NaiveConsumer.as_asgi()
    await serve(scope, receive, send)


def build_netra_route() -> Any:
    services, netra = LazyServices(), WebSocketAuthMiddleware(serve_netra, origins=())
    idle = WebSocketAuthMiddleware(ChatConsumer.as_asgi(), origins=())

    async def route(scope: Any, receive: Any, send: Any) -> None:
        connection = get_connection(send)
        output = None if connection is None else connection.output
        scope = {**scope, "services": await services.get(), "transport_output": output}
        await (idle if scope["path"] == "/idle" else netra)(scope, receive, send_server_close_codes(send))

    return route


def main() -> None:
    _, descriptor, kind = sys.argv
    route = route_plain
    if kind == "netra":
        install_factories(settings.NETRA)
        route = build_netra_route()
    Server(
        route, endpoints=[f"fd:fileno={descriptor}"], ready_callable=lambda: print("ready", flush=True), verbosity=0
    ).run()


if __name__ == "__main__":
    main()
