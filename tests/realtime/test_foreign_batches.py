"""The last door: with a stream that gives the wrong user's news, nothing of it leaves, and it is known."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from uuid import UUID, uuid4

import pytest

from core import incidents
from core.context import ConnectionContext
from core.models import User
from core.stream.batches import Batch, Position
from realtime import delivery
from realtime.protocol import CloseCode
from realtime.subscriptions import StreamSubscriptions
from tests.conftest import People
from tests.support.services import build_services
from tests.support.sockets import get_counter, socket

pytestmark = pytest.mark.django_db(transaction=True)


async def test_a_foreign_batch_is_not_sent(
    people: People, caller: Callable[[User], ConnectionContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def astray(
        user_id: object, position: Position, subscriptions: StreamSubscriptions, database: object
    ) -> AsyncGenerator[Batch, None]:
        yield Batch(user_id=people.neighbour.id, epoch=uuid4(), after=0, upto=1, payloads=('{"secret":1}',))

    recorded: list[tuple[str, UUID | None, UUID | None]] = []

    def record(kind: str, *, where: str, expected: UUID, found: UUID, connection_id: UUID) -> None:
        recorded.append((kind, expected, found))

    monkeypatch.setattr(delivery, "follow_stream", astray)
    monkeypatch.setattr(incidents, "record_incident", record)
    services = build_services()
    mine = socket(people.owner, caller(people.owner), services)
    assert (await mine.connect())[0]
    assert (await mine.receive_json_from())["type"] == "welcome"
    await mine.send_json_to({"type": "resume"})
    assert await mine.receive_output(5) == {"type": "websocket.close", "code": CloseCode.BROKEN}
    assert recorded == [("foreign_batch", people.owner.id, people.neighbour.id)]
    assert await asyncio.to_thread(get_counter, services.metrics, "netra_incidents_total") == 1
    await mine.disconnect()
