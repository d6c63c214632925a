"""Notifications between processes, by the channel layer: a process that has written to a user's stream notifies that user's
group, and the subscribers in other processes read the database.

Notifications may be lost, doubled or late: the poll in realtime.subscriptions covers them, so nothing here waits for Redis,
and nothing fails with it.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from channels_redis.pubsub import RedisPubSubChannelLayer

from realtime.subscriptions import StreamSubscriptions

NOTIFICATION_TYPE = "stream.bell"


def to_group_name(user_id: UUID) -> str:
    """The channel-layer group of one user's listeners (ASCII, under 100 characters)."""
    return f"user.{user_id.hex}"


NOTIFY_SCRIPT = """
for place = 1, #ARGV, 3 do
    if redis.call('PUBSUB', 'NUMSUB', ARGV[place])[2] > tonumber(ARGV[place + 1]) then
        redis.call('PUBLISH', ARGV[place], ARGV[place + 2])
    end
end
"""


class GroupMessage(NamedTuple):
    """A message to a group, and whether its sender is in that group itself."""

    group: str
    message: Any
    sender_is_member: bool


class RedisNotificationLayer(RedisPubSubChannelLayer):  # type: ignore[misc]  # channels_redis has no types
    async def group_send_to_others(self, rings: Sequence[GroupMessage]) -> None:
        """As a group_send for each, but only where somebody else is in the group at this moment.

        Who joins or leaves just now may be taken for somebody, or missed. Raises what Redis raises.
        """
        layer = self._get_layer()
        words: list[Any] = []
        for each in rings:
            channel = layer._get_group_channel_name(each.group)
            words += (channel, int(each.sender_is_member), self.serialize(each.message))
        shard = layer._get_shard(rings[0].group)
        async with shard._lock:
            shard._ensure_redis()
            await shard._redis.register_script(NOTIFY_SCRIPT)(args=words)


log = logging.getLogger(__name__)

SEND_TIMEOUT = 2.0  # seconds that one word to the layer may take
MAX_GROUPS_PER_SEND = 500  # bells in one word: Redis does nothing else meanwhile
RECONNECT_PAUSE = 5.0  # seconds without a word to a layer that does not answer


class ChannelLayerNotifier:
    """One per process; `layer` is the channel layer shared with other processes, None where there is none."""

    def __init__(self, layer: Any, doorbells: StreamSubscriptions) -> None:
        self._layer = layer
        self._subscriptions = doorbells
        self._process_id = uuid4().hex
        self._listener_counts: Counter[UUID] = Counter()
        self._joined_users: set[UUID] = set()
        self._changed_users: set[UUID] = set()  # who may be listened for, or not any more, otherwise than is joined
        self._pending_users: set[UUID] = set()
        self._work_available = asyncio.Event()

    def add_listener(self, user_id: UUID) -> None:
        """Somebody here listens for this user."""
        self._listener_counts[user_id] += 1
        self._mark_changed(user_id)

    def remove_listener(self, user_id: UUID) -> None:
        self._listener_counts[user_id] -= 1
        if not self._listener_counts[user_id]:
            del self._listener_counts[user_id]
        self._mark_changed(user_id)

    def _mark_changed(self, user_id: UUID) -> None:
        if self._layer is not None:
            self._changed_users.add(user_id)
            self._work_available.set()

    def notify(self, user_ids: Iterable[UUID]) -> None:
        """This process has written to these users' streams."""
        if self._layer is not None:
            self._pending_users.update(user_ids)
            self._work_available.set()

    async def run(self) -> None:
        """For ever."""
        if self._layer is None:
            return
        while True:
            try:
                channel = await self._layer.new_channel()
                self._joined_users.clear()
                self._changed_users = set(self._listener_counts)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._receive(channel))
                    both.create_task(self._send_pending(channel))
            except* Exception as trouble:  # noqa: BLE001  # whatever Redis does, streams go on without it
                log.warning("the channel layer fails, streams go on by looking: %r", trouble.exceptions[0])
            await asyncio.sleep(RECONNECT_PAUSE)

    async def _receive(self, channel: str) -> None:
        while True:
            message = await self._layer.receive(channel)
            user_id = parse_notification(message, self._process_id)
            if user_id is not None:
                self._subscriptions.notify([user_id])

    async def _send_pending(self, channel: str) -> None:
        while True:
            await self._work_available.wait()
            self._work_available.clear()
            while self._changed_users:
                await self._update_membership(self._changed_users.pop(), channel)
            written, self._pending_users = self._pending_users, set()
            await self._send_notifications([self._make_notification(user_id) for user_id in written])

    async def _update_membership(self, user_id: UUID, channel: str) -> None:
        """Be in a user's group where somebody here listens for them, and only there."""
        listening = user_id in self._listener_counts
        if listening and user_id not in self._joined_users:
            await _send_within_timeout(self._layer.group_add(to_group_name(user_id), channel))
            self._joined_users.add(user_id)
            self._subscriptions.notify([user_id])  # what was rung before we had joined
        elif not listening and user_id in self._joined_users:
            await _send_within_timeout(self._layer.group_discard(to_group_name(user_id), channel))
            self._joined_users.discard(user_id)

    def _make_notification(self, user_id: UUID) -> GroupMessage:
        bell = {"type": NOTIFICATION_TYPE, "user": user_id.hex, "from": self._process_id}
        return GroupMessage(to_group_name(user_id), bell, user_id in self._joined_users)

    async def _send_notifications(self, rings: list[GroupMessage]) -> None:
        if isinstance(self._layer, RedisNotificationLayer):
            for start in range(0, len(rings), MAX_GROUPS_PER_SEND):
                await _send_within_timeout(self._layer.group_send_to_others(rings[start : start + MAX_GROUPS_PER_SEND]))
        else:
            for each in rings:
                await _send_within_timeout(self._layer.group_send(each.group, each.message))


async def _send_within_timeout(word: Awaitable[None]) -> None:
    async with asyncio.timeout(SEND_TIMEOUT):
        await word


def parse_notification(message: Any, me: str) -> UUID | None:
    """Whom a message from the layer rings for; None for our own and for what is no bell."""
    if not isinstance(message, dict) or message.get("type") != NOTIFICATION_TYPE or message.get("from") == me:
        return None
    try:
        return UUID(hex=str(message.get("user")))
    except ValueError:
        log.exception("a bell for nobody came through the channel layer")
        return None
