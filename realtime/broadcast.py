"""Publishing of committed events: to this process's subscriptions, and by the channel layer to other processes.

A process that has written to a user's stream notifies that user's group, and the subscribers in other processes read
the database. Notifications may be lost, doubled or late: the poll in realtime.subscriptions makes up for them. So
nothing here waits for Redis, and nothing fails with it.
"""

import asyncio
import logging
from collections import Counter, deque
from collections.abc import Awaitable, Iterable, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, runtime_checkable
from uuid import UUID, uuid4

from asgiref.sync import async_to_sync

from core.stream.append import Publish, publish_to_nobody
from core.stream.batches import Commits
from realtime.subscriptions import StreamSubscriptions

log = logging.getLogger(__name__)

SEND_TIMEOUT = 2.0  # seconds that one message to the layer may take
MAX_GROUPS_PER_SEND = 500  # Redis does nothing else while the script runs
RECONNECT_PAUSE = 5.0  # seconds before a layer that does not answer is tried again

# The type, the fields and the group's name are the protocol between servers, which may be of two versions.
NOTIFICATION_TYPE = "stream.bell"


def to_group_name(user_id: UUID) -> str:
    """Return the channel-layer group of one user's listeners (ASCII, under 100 characters)."""
    return f"user.{user_id.hex}"


class GroupMessage(NamedTuple):
    """A message to a group, and whether the sender is in that group itself."""

    group: str
    message: Any
    sender_is_member: bool


@runtime_checkable
class SelectiveLayer(Protocol):
    """A channel layer that can leave out groups without other members (realtime.redis_layer)."""

    async def group_send_to_others(self, messages: Sequence[GroupMessage]) -> None:
        """Send each message to its group, if somebody else than the sender is in it."""

    async def group_send(self, group: str, message: Any) -> None:
        """Send a message to a group."""


class ChannelLayerNotifier:
    """Sends and receives this process's notifications. `layer` is the channel layer that processes share, or None."""

    def __init__(self, layer: Any, subscriptions: StreamSubscriptions) -> None:
        self._layer = layer
        self._subscriptions = subscriptions
        self._process_id = uuid4().hex
        self._listener_counts: Counter[UUID] = Counter()
        self._joined_users: set[UUID] = set()
        self._changed_users: set[UUID] = set()  # their groups may have to be joined or left
        self._pending_users: set[UUID] = set()  # to notify other processes of
        self._work_available = asyncio.Event()

    def add_listener(self, user_id: UUID) -> None:
        """Count a listener of this user, whose group is joined for the first one and left after the last."""
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
        """Tell other processes that this one has written to these users' streams."""
        if self._layer is not None:
            self._pending_users.update(user_ids)
            self._work_available.set()

    async def run(self) -> None:
        """Receive and send until cancelled."""
        if self._layer is None:
            return
        while True:
            try:
                channel = await self._layer.new_channel()
                self._joined_users.clear()
                self._changed_users = set(self._listener_counts)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._receive(channel))
                    tasks.create_task(self._send_pending(channel))
            except* Exception as group:  # noqa: BLE001  # whatever Redis does, streams go on without it
                log.warning("the channel layer fails, so streams rely on the poll: %r", group.exceptions[0])
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
            user_ids, self._pending_users = self._pending_users, set()
            await self._send_notifications([self._make_notification(user_id) for user_id in user_ids])

    async def _update_membership(self, user_id: UUID, channel: str) -> None:
        """Join a user's group if it has listeners in this process, and leave it if not."""
        has_listeners = user_id in self._listener_counts
        if has_listeners and user_id not in self._joined_users:
            await _send_within_timeout(self._layer.group_add(to_group_name(user_id), channel))
            self._joined_users.add(user_id)
            self._subscriptions.notify([user_id])  # for notifications sent before this process had joined
        elif not has_listeners and user_id in self._joined_users:
            await _send_within_timeout(self._layer.group_discard(to_group_name(user_id), channel))
            self._joined_users.discard(user_id)

    def _make_notification(self, user_id: UUID) -> GroupMessage:
        message = {"type": NOTIFICATION_TYPE, "user": user_id.hex, "from": self._process_id}
        return GroupMessage(to_group_name(user_id), message, user_id in self._joined_users)

    async def _send_notifications(self, messages: list[GroupMessage]) -> None:
        if isinstance(self._layer, SelectiveLayer):
            for start in range(0, len(messages), MAX_GROUPS_PER_SEND):
                chunk = messages[start : start + MAX_GROUPS_PER_SEND]
                await _send_within_timeout(self._layer.group_send_to_others(chunk))
        else:
            for message in messages:
                await _send_within_timeout(self._layer.group_send(message.group, message.message))


async def _send_within_timeout(sending: Awaitable[None]) -> None:
    async with asyncio.timeout(SEND_TIMEOUT):
        await sending


def parse_notification(message: Any, process_id: str) -> UUID | None:
    """Return the user that a message of the layer is about; None for this process's own and for other messages."""
    if not isinstance(message, dict) or message.get("type") != NOTIFICATION_TYPE or message.get("from") == process_id:
        return None
    try:
        return UUID(hex=str(message.get("user")))
    except ValueError:
        log.exception("a notification for no user came through the channel layer")
        return None


class Publisher:
    """Publishes committed events from any thread. Made on the event loop that the subscriptions belong to."""

    def __init__(self, subscriptions: StreamSubscriptions, notifier: ChannelLayerNotifier) -> None:
        self._loop = asyncio.get_running_loop()
        self._subscriptions = subscriptions
        self._notifier = notifier
        self._pending: deque[Commits] = deque()
        self._is_scheduled = False

    def publish(self, commits: Commits) -> None:
        """Publish on the next turn of the event loop, after all that was published before."""
        self._pending.append(commits)
        # Waking the loop is what costs, so one wake serves all that comes before it.
        if not self._is_scheduled:
            self._is_scheduled = True
            with suppress(RuntimeError):  # the loop is closed: the process ends, and its clients resume elsewhere
                self._loop.call_soon_threadsafe(self._flush)

    def _flush(self) -> None:
        self._is_scheduled = False  # first: what is added from now on is published here, or schedules another turn
        while self._pending:
            commits = self._pending.popleft()
            self._subscriptions.publish(commits)
            self._notifier.notify(commits)


def make_command_publish(layer: Any) -> Publish:
    """Return the publish of a command, which has no listeners of its own: it notifies the servers over Redis. With
    another layer, or none, they find the events by their poll."""
    if not isinstance(layer, SelectiveLayer):
        return publish_to_nobody

    async def notify(commits: Commits) -> None:
        process_id = uuid4().hex
        for user_id in commits:
            message = {"type": NOTIFICATION_TYPE, "user": user_id.hex, "from": process_id}
            await _send_within_timeout(layer.group_send(to_group_name(user_id), message))

    return async_to_sync(notify)
