"""Two users' sockets in one process share its parts, and nothing else."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator

from core.context import ConnectionContext
from core.models import User
from realtime import flow_control
from realtime.connections import SocketServices
from realtime.subscriptions import StreamSubscriptions
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.services import build_services
from tests.support.sockets import socket

pytestmark = pytest.mark.django_db(transaction=True)

Caller = Callable[[User], ConnectionContext]


@asynccontextmanager
async def open_socket(user: User, caller: Caller, services: SocketServices) -> AsyncIterator[WebsocketCommunicator]:
    found = socket(user, caller(user), services)
    assert (await found.connect())[0]
    try:
        yield found
    finally:
        await found.disconnect()


async def receive_frame(one: WebsocketCommunicator) -> dict[str, Any]:
    return dict(json.loads(await one.receive_from(5)))


async def ask_and_notify(user: User, text: str, subscriptions: StreamSubscriptions) -> None:
    await sync_to_async(queue_run)(user, text)
    subscriptions.notify([user.id])


async def test_each_socket_continues_from_its_own_position(people: People, caller: Caller) -> None:
    subscriptions = StreamSubscriptions()
    services, users = build_services(subscriptions), (people.owner, people.neighbour)
    for user in (people.owner, *users):
        await sync_to_async(queue_run)(user, "before")
    async with AsyncExitStack() as stack:
        both = [await stack.enter_async_context(open_socket(user, caller, services)) for user in users]
        starts = [(await receive_frame(one))["position"] for one in both]
        assert [start["seq"] for start in starts] == [2, 1]
        for one in both:
            await one.send_json_to({"type": "resume"})
        for user in users:
            await ask_and_notify(user, f"of {user.username}", subscriptions)
        for one, user, start in zip(both, users, starts, strict=True):
            frame = await receive_frame(one)
            assert frame["type"] == "events"
            assert (frame["user_id"], frame["epoch"], frame["after"]) == (str(user.id), start["epoch"], start["seq"])
            assert [event["text"] for event in frame["events"]] == [f"of {user.username}"]


async def test_a_socket_that_does_not_acknowledge_blocks_no_other(
    people: People, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow_control, "WINDOW_EVENTS", 1)
    subscriptions = StreamSubscriptions()
    services = build_services(subscriptions)
    async with (
        open_socket(people.owner, caller, services) as slow,
        open_socket(people.neighbour, caller, services) as quick,
    ):
        for one in (slow, quick):
            await receive_frame(one)
            await one.send_json_to({"type": "resume"})
        await ask_and_notify(people.owner, "one", subscriptions)
        first = await receive_frame(slow)
        await ask_and_notify(people.owner, "two", subscriptions)
        await ask_and_notify(people.neighbour, "theirs", subscriptions)
        assert [event["text"] for event in (await receive_frame(quick))["events"]] == ["theirs"]
        assert await slow.receive_nothing(0.2)
        await slow.send_json_to({"type": "ack", "epoch": first["epoch"], "seq": first["upto"]})
        assert [event["text"] for event in (await receive_frame(slow))["events"]] == ["two"]
