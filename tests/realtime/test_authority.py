"""Live authority on open sockets of a real server: whatever takes it away, and wherever that was done."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from knox.models import AuthToken

from core.models import User
from realtime.protocol import CloseCode
from tests.conftest import People
from tests.support.live_server import LiveServer
from tests.support.stream_client import Client, client, session_of, token_of

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def cookie(user: User) -> str:
    return f"netra_session={session_of(user)}"


@sync_to_async
def token(user: User) -> str:
    return f"Token {token_of(user)}"


def deactivate(user: User) -> None:
    User.objects.filter(id=user.id).update(is_active=False)


def with_another_password(user: User) -> None:
    User.objects.filter(id=user.id).update(password="another")


def signed_out(user: User) -> None:
    Session.objects.all().delete()
    AuthToken.objects.filter(user=user).delete()


def expire_credentials(user: User) -> None:
    past = datetime.now(UTC) - timedelta(seconds=1)
    Session.objects.update(expire_date=past)
    AuthToken.objects.filter(user=user).update(expiry=past)


def delete_user(user: User) -> None:
    user.delete()


@pytest.mark.parametrize("change", [deactivate, with_another_password, signed_out, expire_credentials, delete_user])
async def test_all_sockets_of_the_user_and_no_others_are_closed(
    people: People, server: LiveServer, change: Callable[[User], None]
) -> None:
    browser = {"Cookie": await cookie(people.owner), "Origin": server.origin}
    program = {"Authorization": await token(people.owner)}
    theirs = {"Authorization": await token(people.neighbour)}
    async with AsyncExitStack() as stack:
        mine = [await stack.enter_async_context(client(server, **by)) for by in (browser, program)]
        other = await stack.enter_async_context(client(server, **theirs))
        for each in (*mine, other):
            assert (await each.receive())["type"] == "welcome"
        await sync_to_async(change)(people.owner)
        assert [await each.wait_for_close() for each in mine] == [CloseCode.AUTHORITY_CHANGED] * 2
        await asyncio.sleep(0.6)
        assert await pong(other)


async def pong(socket: Client) -> bool:
    await socket.say(type="ping", id="p")
    return bool((await socket.said_of("pong"))["id"] == "p")


async def test_an_ended_session_closes_only_its_own_sockets(people: People, server: LiveServer) -> None:
    ending, staying = [await cookie(people.owner) for _ in range(2)]
    async with AsyncExitStack() as stack:
        first, second = [
            await stack.enter_async_context(client(server, Cookie=key, Origin=server.origin))
            for key in (ending, staying)
        ]
        for each in (first, second):
            await each.receive()
        await sync_to_async(Session.objects.filter(session_key=ending.partition("=")[2]).delete)()
        assert await first.wait_for_close() == CloseCode.AUTHORITY_CHANGED
        assert await pong(second)
