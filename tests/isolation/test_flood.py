"""Many users' events at once, through the real writer into the real database, followed with churn: each sees exactly
their own, in order, once. `make soak` sends a million."""

import asyncio
import json
import os
import random
from collections.abc import Mapping
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async

from benchmarks.stream.event_producer import EventProducer
from benchmarks.stream.users import create_users
from core.events import AgentThinking, build_agent_fields
from core.stream import read
from core.stream.batches import Batch, Position
from realtime.broadcast import ChannelLayerNotifier, Publisher
from realtime.delivery import follow_stream
from realtime.emitter import WebSocketBridgeFactory
from realtime.subscriptions import StreamSubscriptions, poll_streams
from realtime.writer.stream_writer import StreamWriter
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


class UnreliableSubscriptions(StreamSubscriptions):
    """Batches are lost, doubled or late, and nobody may notice."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self._chance = random.Random(seed)
        self._late: dict[UUID, Batch] = {}

    def publish(self, commits: Mapping[UUID, Batch]) -> None:
        late, self._late = self._late, {}
        for user, batch in commits.items():
            match self._chance.randrange(10):
                case 0:
                    continue
                case 1:
                    self._late[user] = batch
                case 2:
                    super().publish({user: batch})
                    super().publish({user: batch})
                case _:
                    super().publish({user: batch})
        super().publish(late)


class Follower:
    """One user's reader, who leaves and comes back at positions seen before."""

    def __init__(self, user: UUID, first: Position, subscriptions: StreamSubscriptions, seed: int) -> None:
        self._user, self._first, self._subscriptions = user, first, subscriptions
        self._chance = random.Random(seed)
        self.seen = 0  # the number of the last event, which is also how many there were

    async def until(self, last: int) -> None:
        while self.seen < last:
            back = self._chance.choice((0, 0, 0, 7, 50))
            start = Position(epoch=self._first.epoch, seq=max(self._first.seq, self._first.seq + self.seen - back))
            await self._follow(start, self._chance.randint(1, 40), last)

    async def _follow(self, position: Position, batches: int, last: int) -> None:
        news = follow_stream(self._user, position, self._subscriptions)
        try:
            for _ in range(batches):
                if self.seen >= last:
                    return
                batch = await asyncio.wait_for(anext(news), PATIENCE)
                assert isinstance(batch, Batch)
                position = self._check_batch(batch, position)
        finally:
            await news.aclose()

    def _check_batch(self, batch: Batch, position: Position) -> Position:
        assert (batch.user_id, batch.epoch, batch.after) == (self._user, position.epoch, position.seq)
        assert batch.upto - batch.after == len(batch.payloads)
        for number, payload in enumerate(batch.payloads, start=batch.after - self._first.seq):
            assert json.loads(payload)["thought"] == f"canary {self._user} {number}"
        self.seen = max(self.seen, batch.upto - self._first.seq)
        return batch.position


async def tell(worker: EventProducer, user: UUID, events: int, chance: random.Random) -> None:
    emitter, mine = worker.emitter, build_agent_fields(worker.context, "data")
    for number in range(events):
        await emitter.emit(AgentThinking(**mine, thought=f"canary {user} {number}"))
        if chance.random() < 0.2:
            await asyncio.sleep(0)
    await emitter.close()


@pytest.mark.parametrize(
    ("users", "events"), [(20, 300), pytest.param(200, 5_000, marks=pytest.mark.soak)], ids=["some", "a million"]
)
async def test_each_user_sees_exactly_their_own_events(users: int, events: int) -> None:
    seed = int(os.environ.get("NETRA_TEST_SEED", "7"))
    people = await sync_to_async(create_users)(users)
    subscriptions = UnreliableSubscriptions(seed)
    publish = Publisher(subscriptions, ChannelLayerNotifier(None, subscriptions)).publish
    async with StreamWriter(publish) as writer:
        watching = asyncio.create_task(poll_streams(subscriptions))
        bridges = WebSocketBridgeFactory(writer)
        followers = []
        for number, person in enumerate(people):
            first = await sync_to_async(read.get_head_position)(person.user_id)
            followers += [Follower(person.user_id, first, subscriptions, seed + number * 2 + each) for each in range(2)]
        telling = [
            tell(EventProducer(person.user_id, bridges), person.user_id, events, random.Random(seed + number))
            for number, person in enumerate(people)
        ]
        await asyncio.gather(*telling, *[follower.until(events) for follower in followers])
        watching.cancel()
        await asyncio.wait([watching])
    assert {follower.seen for follower in followers} == {events}
