"""Notifications between processes, over a channel layer that two notifiers share."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import InMemoryChannelLayer

from realtime import broadcast
from realtime.broadcast import NOTIFICATION_TYPE, ChannelLayerNotifier, parse_notification, to_group_name
from realtime.subscriptions import StreamSubscriptions
from tests.support.patience import PATIENCE


async def until_notified(subscriptions: StreamSubscriptions, user: UUID, notify: Any) -> bool:
    with subscriptions.subscribe(user) as subscription:
        for _ in range(20):
            notify()
            try:
                await asyncio.wait_for(subscription.wait(), 0.1)
            except TimeoutError:
                continue
            return subscription.take_gap()
    return False


async def test_a_commit_notifies_other_processes_for_that_user_only() -> None:
    layer, user, other = InMemoryChannelLayer(), uuid4(), uuid4()
    here, there = StreamSubscriptions(), StreamSubscriptions()
    writing, hearing = ChannelLayerNotifier(layer, here), ChannelLayerNotifier(layer, there)
    tasks = [asyncio.create_task(each.run()) for each in (writing, hearing)]
    hearing.add_listener(user)
    hearing.add_listener(other)
    await asyncio.sleep(0.05)
    with there.subscribe(other) as foreign:
        assert await until_notified(there, user, lambda: writing.notify([user]))
        assert not foreign.take_gap()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_failing_or_hanging_layer_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broadcast, "RECONNECT_PAUSE", 0.01)
    monkeypatch.setattr(broadcast, "SEND_TIMEOUT", 0.01)

    class Broken(InMemoryChannelLayer):  # type: ignore[misc]
        failures = ["refuse", "hang"]

        async def group_send(self, group: str, message: Any) -> None:
            if self.failures and self.failures.pop(0) == "refuse":
                raise ConnectionError
            if self.failures == []:
                await super().group_send(group, message)
            else:
                await asyncio.sleep(60)

    layer, user, there = Broken(), uuid4(), StreamSubscriptions()
    writing, hearing = ChannelLayerNotifier(layer, StreamSubscriptions()), ChannelLayerNotifier(layer, there)
    tasks = [asyncio.create_task(each.run()) for each in (writing, hearing)]
    hearing.add_listener(user)
    await asyncio.sleep(0.05)
    assert await until_notified(there, user, lambda: writing.notify([user]))
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def test_only_valid_notifications_of_other_processes_are_parsed() -> None:
    user = uuid4()
    message = {"type": NOTIFICATION_TYPE, "user": user.hex, "from": "another"}
    assert parse_notification(message, "me") == user
    for other in (
        {**message, "from": "me"},
        {**message, "type": "websocket.receive"},
        {**message, "user": "nobody"},
        {"type": NOTIFICATION_TYPE},
        "bell",
        None,
    ):
        assert parse_notification(other, "me") is None


def test_every_user_has_their_own_group() -> None:
    one, two = uuid4(), uuid4()
    assert to_group_name(one) != to_group_name(two)


async def test_nothing_accumulates_without_other_processes() -> None:
    alone = ChannelLayerNotifier(None, StreamSubscriptions())
    for user in [uuid4() for _ in range(10)]:
        alone.add_listener(user)
        alone.notify([user])
        alone.remove_listener(user)
    assert not any((alone._listener_counts, alone._changed_users, alone._pending_users))


async def test_a_group_is_left_with_its_last_listener() -> None:
    layer, user, subscriptions = InMemoryChannelLayer(), uuid4(), StreamSubscriptions()
    notifier = ChannelLayerNotifier(layer, subscriptions)
    task = asyncio.create_task(notifier.run())
    notifier.add_listener(user)
    notifier.add_listener(user)
    notifier.remove_listener(user)
    async with asyncio.timeout(PATIENCE):
        while list(layer.groups) != [to_group_name(user)]:
            await asyncio.sleep(0.01)
        notifier.remove_listener(user)
        while layer.groups:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
