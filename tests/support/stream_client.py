"""A websocket client as somebody else would write one from docs/protocol.md."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from knox.models import AuthToken
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from core.models import User
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.websocket_connections import connect


def token_of(user: User) -> str:
    _, token = AuthToken.objects.create(user)
    return str(token)


def session_of(user: User) -> str:
    """The key of a session in which this user is signed in."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.id)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    return session.session_key


class Client:
    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await asyncio.wait_for(self._socket.recv(), PATIENCE))
        return frame

    async def said_of(self, kind: str) -> dict[str, Any]:
        while True:
            frame = await self.receive()
            if frame["type"] == kind:
                return frame

    async def say(self, **frame: Any) -> None:
        await self._socket.send(json.dumps(frame))

    async def say_raw(self, text: str | bytes) -> None:
        await self._socket.send(text)

    async def start(self, text: str = "cut my spend by 30 %", **fields: Any) -> dict[str, Any]:
        fields = {"client_id": str(uuid4()), **fields}
        await self.say(type="start", id="s", text=text, **fields)
        return await self.receive()

    async def told_until_the_end(self, run_id: str) -> list[dict[str, Any]]:
        """The frames up to the run's terminal event."""
        frames: list[dict[str, Any]] = []
        while True:
            frame = await self.said_of("events")
            frames.append(frame)
            if any(ends(event, run_id) for event in frame["events"]):
                return frames

    async def wait_for_close(self) -> int | None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.wait_for(self._socket.recv(), PATIENCE)
        return self._socket.close_code


def ends(event: Mapping[str, Any], run_id: str) -> bool:
    last = event["type"] in ("agent_completed", "agent_error")
    return last and event["run_id"] == run_id and event["parent_request_id"] is None


@asynccontextmanager
async def client(served: LiveServer, **headers: str) -> AsyncIterator[Client]:
    """Connect with these headers (`Authorization`, `Cookie`); an `Origin` of "" is none."""
    origin = headers.pop("Origin", None)
    async with connect(served.websocket, additional_headers=headers, origin=origin, max_size=None) as socket:  # type: ignore[arg-type]
        yield Client(socket)
