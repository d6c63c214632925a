"""Heartbeats, the end of silent sockets, and the limit on the sockets of a user."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from channels.testing import WebsocketCommunicator

from core.context import ConnectionContext
from core.models import User
from netra.server.scope_services import ServerServices
from realtime import connections
from realtime.connections import ConnectionRegistry
from realtime.limits import HEARTBEAT, SILENCE
from realtime.protocol import CloseCode
from tests.conftest import People
from tests.support.services import build_services
from tests.support.sockets import socket

pytestmark = pytest.mark.django_db(transaction=True)

Caller = Callable[[User], ConnectionContext]
HEARTS = {"type": "heartbeat"}


class Clock:
    """The real one, so much later."""

    def __init__(self) -> None:
        self.later = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.later


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def services(clock: Clock) -> ServerServices:
    return build_services(connections=ConnectionRegistry(clock=clock))


@asynccontextmanager
async def open_welcomed_socket(
    user: User, caller: Caller, services: ServerServices
) -> AsyncIterator[WebsocketCommunicator]:
    mine = socket(user, caller(user), services)
    assert (await mine.connect())[0]
    assert (await mine.receive_json_from())["type"] == "welcome"
    yield mine
    await mine.disconnect()


async def test_an_idle_socket_gets_a_heartbeat(
    people: People, caller: Caller, clock: Clock, services: ServerServices
) -> None:
    async with open_welcomed_socket(people.owner, caller, services) as mine:
        clock.later = HEARTBEAT - 5
        await services.connections.close_idle()
        assert await mine.receive_nothing()
        clock.later = HEARTBEAT + 1
        await services.connections.close_idle()
        assert await mine.receive_json_from() == HEARTS


async def test_only_a_silent_socket_is_closed(
    people: People, caller: Caller, clock: Clock, services: ServerServices
) -> None:
    async with (
        open_welcomed_socket(people.owner, caller, services) as silent,
        open_welcomed_socket(people.neighbour, caller, services) as other,
    ):
        services.connections.list_open()[0].last_frame_at -= SILENCE + 1
        assert services.connections.list_open()[0].credential.user_id == people.owner.id
        await services.connections.close_idle()
        assert await silent.receive_output(5) == {"type": "websocket.close", "code": CloseCode.SILENT}
        await other.send_json_to({"type": "ping", "id": "p"})
        assert (await other.receive_json_from())["type"] == "pong"


async def test_any_frame_counts_as_activity(
    people: People, caller: Caller, clock: Clock, services: ServerServices
) -> None:
    async with open_welcomed_socket(people.owner, caller, services) as mine:
        (mine_here,) = services.connections.list_open()
        mine_here.last_frame_at -= SILENCE + 1
        await mine.send_json_to({"type": "ping", "id": "p"})
        assert (await mine.receive_json_from())["type"] == "pong"
        await services.connections.close_idle()
        assert await mine.receive_nothing()


async def test_one_socket_too_many_is_told_and_closed(
    people: People, caller: Caller, services: ServerServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "USER_SOCKETS", 1)
    async with (
        open_welcomed_socket(people.owner, caller, services) as first,
        open_welcomed_socket(people.neighbour, caller, services),
    ):
        second = socket(people.owner, caller(people.owner), services)
        assert (await second.connect())[0]
        assert (await second.receive_json_from())["code"] == "too_many_sockets"
        assert await second.receive_output(5) == {"type": "websocket.close", "code": CloseCode.TOO_MANY_SOCKETS}
        await first.send_json_to({"type": "ping", "id": "p"})
        assert (await first.receive_json_from())["type"] == "pong"
    async with open_welcomed_socket(people.owner, caller, services):
        pass  # there is room again
