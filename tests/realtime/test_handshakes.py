"""Handshakes while the database is restarted: nobody is told that they are refused."""

import asyncio
from collections.abc import MutableMapping
from types import SimpleNamespace
from typing import Any

import psycopg_pool  # noqa: F401  # before the event loop runs, as in each process with PostgreSQL
import pytest
from django.db import OperationalError

from core import db
from core.scope_services import RequestServices
from core.stream.append import publish_to_nobody
from realtime.auth import WebSocketAuthMiddleware
from tests.support.patience import PATIENCE


class LosingDatabase:
    """Loses its connection the first so many times."""

    def __init__(self, losses: int) -> None:
        self.losses = losses

    async def run(self, key: object, work: Any, *args: Any) -> Any:
        self.losses -= 1
        if self.losses >= 0:
            raise OperationalError("server closed the connection unexpectedly")
        return None, ""


class BusyDatabase:
    """Has other work for ever."""

    async def run(self, key: object, work: Any, *args: Any) -> Any:
        await asyncio.Event().wait()


def build_scope(handshake_database: Any) -> MutableMapping[str, Any]:
    """A handshake with a token, while the users' own work takes all of the other threads."""
    database: Any = BusyDatabase()
    services = RequestServices(
        publish=publish_to_nobody,
        wake_workers=lambda: None,
        database=database,
        handshake_database=handshake_database,
    )
    headers = [(b"authorization", b"Token abc")]
    return {"type": "websocket", "headers": headers, "client": ("127.0.0.1", 1), "services": services}


async def test_a_handshake_does_not_wait_behind_what_users_do() -> None:
    opened: list[MutableMapping[str, Any]] = []

    async def inner(scope: MutableMapping[str, Any], *_: Any) -> None:
        opened.append(scope)

    async with asyncio.timeout(PATIENCE):
        await WebSocketAuthMiddleware(inner, origins=())(build_scope(LosingDatabase(0)), None, None)  # type: ignore[arg-type]
    assert len(opened) == 1


@pytest.mark.parametrize("losses", [1, 2])
async def test_a_handshake_outlives_a_broken_connection_but_not_a_lost_database(
    losses: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="postgresql"))
    opened: list[MutableMapping[str, Any]] = []
    sent: list[MutableMapping[str, Any]] = []

    async def inner(scope: MutableMapping[str, Any], *_: Any) -> None:
        opened.append(scope)

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = build_scope(LosingDatabase(losses))
    await WebSocketAuthMiddleware(inner, origins=())(scope, receive, send)
    assert len(opened) == (losses == 1)
    assert sent == ([] if opened else [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 1012}])
