"""The consumer's last look before something leaves, with a stream that gives the wrong user's news."""

from collections.abc import AsyncGenerator, Callable
from uuid import uuid4

import pytest
from channels.testing import WebsocketCommunicator

from netra.core.context import ConnectionContext
from netra.core.models import User
from netra.core.stream import Batch, Position
from realtime import consumers
from realtime.consumers import BROKEN, ChatConsumer
from realtime.doorbell import Doorbells
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


async def test_news_of_another_never_leaves(
    people: People, caller: Callable[[User], ConnectionContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def astray(user_id: object, position: Position, doorbells: Doorbells) -> AsyncGenerator[Batch, None]:
        yield Batch(user_id=people.neighbour.id, epoch=uuid4(), after=0, upto=1, events=())

    monkeypatch.setattr(consumers, "follow", astray)
    socket = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    socket.scope |= {
        "context": caller(people.owner),
        "state": {"doorbells": Doorbells(), "wake": lambda: None},
    }
    assert (await socket.connect())[0]
    assert (await socket.receive_json_from())["type"] == "welcome"
    await socket.send_json_to({"type": "resume"})
    assert await socket.receive_output(5) == {"type": "websocket.close", "code": BROKEN}


async def test_a_group_message_is_never_taken_for_client_input(
    people: People, caller: Callable[[User], ConnectionContext]
) -> None:
    doorbells = Doorbells()
    socket = WebsocketCommunicator(ChatConsumer.as_asgi(), "/ws/")
    socket.scope |= {"context": caller(people.owner), "state": {"doorbells": doorbells, "wake": lambda: None}}
    await socket.connect()
    await socket.receive_json_from()
    from channels.layers import get_channel_layer

    from realtime.groups import user_group

    layer = get_channel_layer()
    for message in ({"type": "close"}, {"type": "send", "text": "x"}, {"type": "stream.bell"}):
        await layer.group_send(user_group(people.owner.id), message)
    assert await socket.receive_nothing(0.2)
    await socket.send_json_to({"type": "ping", "id": "p"})
    assert await socket.receive_json_from() == {"type": "pong", "id": "p"}
    await socket.disconnect()
