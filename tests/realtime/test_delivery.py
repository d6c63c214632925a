import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import transaction

from core.events import AgentThinking, build_agent_fields
from core.exceptions import Defect
from core.models import UserStream
from core.stream import append, read
from core.stream import read as stream_read
from core.stream.batches import Batch, Position, Resync
from realtime import protocol
from realtime import subscriptions as watching
from realtime.delivery import follow_stream
from realtime.limits import MESSAGE_BYTES
from realtime.subscriptions import StreamSubscriptions
from tests.agents.claimed_runs import queue_run
from tests.conftest import People
from tests.support.fakes import context
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


async def test_stored_and_new_events_are_delivered(people: People) -> None:
    subscriptions = StreamSubscriptions()
    start = await sync_to_async(read.get_head_position)(people.owner.id)
    await sync_to_async(queue_run)(people.owner)
    news = follow_stream(people.owner.id, start, subscriptions)
    first = await anext(news)
    await sync_to_async(queue_run)(people.neighbour)
    await sync_to_async(queue_run)(people.owner)
    subscriptions.notify([people.owner.id])
    second = await anext(news)
    assert isinstance(first, Batch)
    assert isinstance(second, Batch)
    assert (first.after, first.upto, second.after, second.upto) == (0, 1, 1, 2)
    await news.aclose()


async def test_own_commits_are_delivered_without_a_query(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    subscriptions, read, reads = StreamSubscriptions(), stream_read.read_after, []

    def read_and_record(*args: Any, **options: Any) -> Any:
        reads.append(args)
        return read(*args, **options)

    monkeypatch.setattr("realtime.delivery.read_after", read_and_record)
    start = await sync_to_async(stream_read.get_head_position)(people.owner.id)
    news = follow_stream(people.owner.id, start, subscriptions)
    waiting = asyncio.ensure_future(anext(news))
    while not subscriptions.user_ids():
        await asyncio.sleep(0)
    fed = Batch(user_id=people.owner.id, epoch=start.epoch, after=0, upto=1, payloads=())
    subscriptions.publish({people.owner.id: fed})
    assert await asyncio.wait_for(waiting, PATIENCE) is fed
    assert len(reads) == 1  # the first, of what was there before
    await news.aclose()


async def test_another_processs_commit_is_read_first(people: People) -> None:
    subscriptions = StreamSubscriptions()
    start = await sync_to_async(read.get_head_position)(people.owner.id)
    news = follow_stream(people.owner.id, start, subscriptions)
    waiting = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.05)
    await sync_to_async(queue_run)(people.owner)
    await sync_to_async(queue_run)(people.owner)
    subscriptions.publish(
        {people.owner.id: Batch(user_id=people.owner.id, epoch=start.epoch, after=1, upto=2, payloads=())}
    )
    batch = await asyncio.wait_for(waiting, PATIENCE)
    assert isinstance(batch, Batch)
    assert (batch.after, batch.upto, len(batch.events)) == (0, 2, 2)
    await news.aclose()


async def test_a_lost_notification_only_delays_delivery(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "POLL_SECONDS", 0.01)
    subscriptions = StreamSubscriptions()
    start = await sync_to_async(read.get_head_position)(people.owner.id)
    news = follow_stream(people.owner.id, start, subscriptions)
    waiting = asyncio.ensure_future(anext(news))
    watch = asyncio.create_task(watching.poll_streams(subscriptions))
    await asyncio.sleep(0.05)
    await sync_to_async(queue_run)(people.owner)
    batch = await asyncio.wait_for(waiting, PATIENCE)
    assert isinstance(batch, Batch)
    assert batch.upto == 1
    watch.cancel()
    await news.aclose()


async def test_a_position_of_another_epoch_is_resynced_and_delivery_continues(people: People) -> None:
    await sync_to_async(queue_run)(people.owner)
    news = follow_stream(people.owner.id, Position(epoch=uuid4(), seq=9), StreamSubscriptions())
    resync = await asyncio.wait_for(anext(news), PATIENCE)
    assert isinstance(resync, Resync)
    await sync_to_async(queue_run)(people.owner)
    batch = await asyncio.wait_for(anext(news), PATIENCE)
    assert isinstance(batch, Batch)
    assert batch.after == resync.position.seq == 1
    assert (await UserStream.objects.aget(owner=people.owner)).head == batch.upto
    await news.aclose()


async def test_a_batch_too_large_for_one_frame_is_split(people: People) -> None:
    """The server's own limit on messages holds for what it sends, too."""
    large = [thinking("ä" * 40_000) for _ in range(20)]
    start = await sync_to_async(read.get_head_position)(people.owner.id)
    subscriptions = StreamSubscriptions()
    news = follow_stream(people.owner.id, start, subscriptions)
    first = asyncio.ensure_future(anext(news))
    await asyncio.sleep(0.1)
    subscriptions.publish(await sync_to_async(append_thoughts)(people.owner.id, large))
    batches = [await asyncio.wait_for(first, PATIENCE)]
    while batches[-1].position.seq < start.seq + 20:
        batches.append(await asyncio.wait_for(anext(news), PATIENCE))
    assert all(
        isinstance(batch, Batch) and len(protocol.render_events(batch).encode()) < MESSAGE_BYTES for batch in batches
    )
    assert sum(len(batch.payloads) for batch in batches if isinstance(batch, Batch)) == 20
    await news.aclose()


def append_thoughts(user_id: UUID, events: list[AgentThinking]) -> dict[UUID, Batch]:
    with transaction.atomic():
        return append.append_events_by_user({user_id: events}, publish=append.publish_to_nobody)


def thinking(text: str) -> AgentThinking:
    return AgentThinking(**build_agent_fields(context(), "data"), thought=text)


def test_an_event_too_large_for_a_frame_is_refused(people: People) -> None:
    with pytest.raises(Defect, match="fits into no frame"):
        append_thoughts(people.owner.id, [thinking("x" * append.MAX_EVENT_BYTES)])
