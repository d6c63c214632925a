"""Users who are erased in the very moment in which a socket of theirs asks for the stream: nobody, and no defect."""

import logging
from collections.abc import Callable

import pytest
from asgiref.sync import sync_to_async

from core.context import ConnectionContext
from core.models import User
from realtime.protocol import CloseCode
from tests.conftest import People
from tests.support.services import build_services
from tests.support.sockets import socket

pytestmark = pytest.mark.django_db(transaction=True)

Caller = Callable[[User], ConnectionContext]


async def erase_user(user: User) -> None:
    await sync_to_async(User.objects.filter(id=user.id).delete)()


async def test_a_user_erased_before_connecting_is_told_and_closed(
    people: People, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    services, context = build_services(), caller(people.owner)
    mine = socket(people.owner, context, services)
    await erase_user(people.owner)
    assert (await mine.connect())[0]
    said = await mine.receive_json_from()
    assert (said["type"], said["code"]) == ("error", "not_authenticated")
    assert await mine.receive_output(5) == {"type": "websocket.close", "code": CloseCode.SIGNED_OUT}
    await mine.wait()
    assert (len(services.connections), caplog.records) == (0, [])


async def test_an_erased_users_socket_is_closed_before_any_event(
    people: People, caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    mine = socket(people.owner, caller(people.owner), build_services())
    assert (await mine.connect())[0]
    assert (await mine.receive_json_from())["type"] == "welcome"
    await erase_user(people.owner)
    await mine.send_json_to({"type": "resume"})
    assert await mine.receive_output(5) == {"type": "websocket.close", "code": CloseCode.AUTHORITY_CHANGED}
    await mine.disconnect()
    assert caplog.records == []
