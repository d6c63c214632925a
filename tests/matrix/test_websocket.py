"""Every kind of frame, from each caller: through the door, with a token of their own."""

import json
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from agents.models import Run
from core.models import User
from core.stream import read
from realtime.auth import WebSocketAuthMiddleware
from realtime.consumer import ChatConsumer
from tests.agents.claimed_runs import queue_run
from tests.matrix import exists
from tests.matrix.actors import Actors, actors, apply_change
from tests.matrix.row import CALLERS
from tests.matrix.websocket_table import FRAMES
from tests.support.patience import PATIENCE
from tests.support.services import build_services
from tests.support.stream_client import token_of

pytestmark = pytest.mark.django_db(transaction=True)

CANARY = "canary-of-the-owner"


def test_each_type_has_its_row() -> None:
    assert exists.frames() == FRAMES.keys()


@pytest.mark.parametrize("column", CALLERS)
async def test_each_gets_what_the_table_says(column: str) -> None:
    who = await sync_to_async(actors)()
    found = {}
    for kind in FRAMES:
        run = await sync_to_async(queue_run)(who.owner, CANARY)
        said = await sync_to_async(frame)(kind, run)
        found[kind] = await answer(column, who, said)
        await run.arefresh_from_db()
        assert (run.state == "cancelled") == ((kind, column) == ("cancel", "owner"))
        await Run.objects.all().adelete()
        await User.objects.filter(pk=who.owner.pk).aupdate(is_active=True)
    assert found == {kind: getattr(row, column) for kind, row in FRAMES.items()}


def frame(kind: str, run: Run) -> dict[str, Any]:
    """With what is the owner's, as far as the kind names anything."""
    position = {"epoch": str(read.get_head_position(run.owner_id).epoch), "seq": 0}
    question = {"text": "?", "client_id": str(uuid4()), "thread_id": str(run.thread_id)}
    more: dict[str, dict[str, Any]] = {
        "resume": position,
        "ack": position,
        "start": {"id": "s", **question},
        "cancel": {"id": "c", "run_id": str(run.id)},
    }
    return {"type": kind, **more.get(kind, {})}


async def answer(column: str, who: Actors, said: dict[str, Any]) -> str:
    services = build_services()
    user = None if column == "anonymous" else who.owner if column == "deactivated" else getattr(who, column)
    socket = WebsocketCommunicator(
        WebSocketAuthMiddleware(ChatConsumer.as_asgi(), origins=()), "/ws/", await headers(user)
    )
    socket.scope["services"] = services
    try:
        await socket.connect(timeout=PATIENCE)
        if user is not None:
            assert (await receive_frame(socket))["type"] == "welcome"
            await sync_to_async(apply_change)(column, who, staff=True)
            await services.connections.close_unauthorized()  # as every half second
        await socket.send_to(text_data=json.dumps(said))
        await socket.send_to(text_data='{"type":"ping","id":"after"}')
        return await outcome(socket, said["type"], CANARY if column != "owner" else None)
    finally:
        await socket.disconnect(timeout=PATIENCE)


async def headers(user: User | None) -> list[tuple[bytes, bytes]]:
    if user is None:
        return []
    return [(b"authorization", f"Token {await sync_to_async(token_of)(user)}".encode())]


async def outcome(socket: WebsocketCommunicator, kind: str, foreign: str | None) -> str:
    """The first that is no pong to what was said after it, unless there is nothing else."""
    heard: list[str] = []
    while len(heard) < (1 if kind == "ack" else 2):
        message = await socket.receive_output(timeout=PATIENCE)
        if message["type"] == "websocket.close":
            return f"closed {message['code']}"
        assert foreign is None or foreign not in message["text"]
        said = json.loads(message["text"])
        if (said["type"], said.get("code")) != ("error", "not_authenticated"):
            heard.append(said.get("code") or ("after" if said.get("id") == "after" else said["type"]))
    return next((each for each in heard if each != "after"), "silence")


async def receive_frame(socket: WebsocketCommunicator) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((await socket.receive_output(timeout=PATIENCE))["text"])
    return said
