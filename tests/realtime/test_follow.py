import asyncio
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from netra.core import stream
from netra.core.models import UserStream
from netra.core.stream import Batch, Position, Resync
from realtime import follow as following
from realtime import watch as watching
from realtime.doorbell import Doorbells
from realtime.follow import follow
from tests.agents.claimed import queued
from tests.conftest import People

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_yields_what_is_there_and_what_comes(people: People) -> None:
    doorbells = Doorbells()
    start = await sync_to_async(stream.head)(people.owner.id)
    await sync_to_async(queued)(people.owner)
    news = follow(people.owner.id, start, doorbells)
    first = await anext(news)
    await sync_to_async(queued)(people.neighbour)
    await sync_to_async(queued)(people.owner)
    doorbells.ring([people.owner.id])
    second = await anext(news)
    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert (first.after, first.upto, second.after, second.upto) == (0, 1, 1, 2)
    await news.aclose()


async def test_what_this_process_commits_comes_with_the_ring_and_without_a_query(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    doorbells = Doorbells()
    start = await sync_to_async(stream.head)(people.owner.id)
    news = follow(people.owner.id, start, doorbells)
    waiting = asyncio.ensure_future(anext(news))
    while not doorbells.users():
        await asyncio.sleep(0)
    await asyncio.sleep(0.05)
    monkeypatch.setattr(following, "read_after", None)
    fed = Batch(user_id=people.owner.id, epoch=start.epoch, after=0, upto=1, payloads=())
    doorbells.feed({people.owner.id: fed})
    assert await asyncio.wait_for(waiting, 5) is fed
    await news.aclose()


async def test_what_another_process_commits_between_is_read_first(people: People) -> None:
    doorbells = Doorbells()
    start = await sync_to_async(stream.head)(people.owner.id)
    news = follow(people.owner.id, start, doorbells)
    waiting = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.05)
    await sync_to_async(queued)(people.owner)
    await sync_to_async(queued)(people.owner)
    doorbells.feed({people.owner.id: Batch(user_id=people.owner.id, epoch=start.epoch, after=1, upto=2, payloads=())})
    batch = await asyncio.wait_for(waiting, 5)
    assert isinstance(batch, Batch)
    assert (batch.after, batch.upto, len(batch.events)) == (0, 2, 2)
    await news.aclose()


async def test_a_lost_ring_costs_only_patience(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.01)
    doorbells = Doorbells()
    start = await sync_to_async(stream.head)(people.owner.id)
    news = follow(people.owner.id, start, doorbells)
    waiting = asyncio.ensure_future(anext(news))
    watch = asyncio.create_task(watching.watch(doorbells))
    await asyncio.sleep(0.05)
    await sync_to_async(queued)(people.owner)
    batch = await asyncio.wait_for(waiting, 5)
    assert isinstance(batch, Batch)
    assert batch.upto == 1
    watch.cancel()
    await news.aclose()


async def test_a_position_of_another_epoch_is_resynced_and_followed_on(people: People) -> None:
    await sync_to_async(queued)(people.owner)
    news = follow(people.owner.id, Position(epoch=uuid4(), seq=9), Doorbells())
    resync = await asyncio.wait_for(anext(news), 5)
    assert isinstance(resync, Resync)
    await sync_to_async(queued)(people.owner)
    batch = await asyncio.wait_for(anext(news), 5)
    assert isinstance(batch, Batch)
    assert batch.after == resync.position.seq == 1
    assert (await UserStream.objects.aget(owner=people.owner)).head == batch.upto
    await news.aclose()
