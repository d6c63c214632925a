"""Many notifications in one script of a real Redis: two layers on one loop are two processes to it."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from blockbuster import BlockBuster

from realtime.broadcast import MAX_GROUPS_PER_SEND, ChannelLayerNotifier, GroupMessage
from realtime.redis_layer import RedisNotificationLayer
from realtime.subscriptions import StreamSubscriptions
from tests.parts.redis import is_installed, redis
from tests.support.patience import PATIENCE

QUIET = 0.2  # seconds in which Redis would long have brought what was said


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    if not is_installed():
        pytest.skip("Redis is not installed")
    with redis() as server:
        yield server.url


@pytest.fixture(autouse=True)
def library_s_own(blockbuster: BlockBuster) -> None:
    """A new connection of redis-py's looks up its own version in a file."""
    for each in blockbuster.functions.values():
        each.can_block_in("redis/driver_info.py", {"__post_init__"})


def layer(url: str) -> RedisNotificationLayer:
    return RedisNotificationLayer(hosts=[{"address": url, "socket_timeout": None}])


async def receive_all(of: RedisNotificationLayer, channel: str, least: int) -> list[str]:
    """What came until it was quiet: `least` of them however long it takes."""
    found: list[str] = []
    waiting = asyncio.ensure_future(of.receive(channel))
    while (await asyncio.wait([waiting], timeout=QUIET if len(found) >= least else PATIENCE))[0]:
        found.append(waiting.result()["user"])
        waiting = asyncio.ensure_future(of.receive(channel))
    waiting.cancel()
    await asyncio.wait([waiting])
    return found


def message_for(name: str, *, joined: bool) -> GroupMessage:
    return GroupMessage(f"user.{name}", {"type": "bell", "user": name}, joined)


async def test_a_notification_reaches_that_users_listeners_in_other_processes(url: str) -> None:
    here, there = layer(url), layer(url)
    mine, for_ana, for_ben = await here.new_channel(), await there.new_channel(), await there.new_channel()
    await there.group_add("user.ana", for_ana)
    await there.group_add("user.ben", for_ben)
    await here.group_add("user.ben", mine)
    await here.group_add("user.cleo", mine)
    await asyncio.sleep(QUIET)

    await here.group_send_to_others(
        [message_for("ana", joined=False), message_for("ben", joined=True), message_for("dan", joined=False)]
    )

    assert (await receive_all(there, for_ana, 1), await receive_all(there, for_ben, 1)) == (["ana"], ["ben"])
    await asyncio.gather(here.flush(), there.flush())


async def test_nothing_is_sent_without_other_listeners(url: str) -> None:
    here = layer(url)
    ear = await here.new_channel()
    await here.group_add("user.ana", ear)
    await asyncio.sleep(QUIET)

    await here.group_send_to_others([message_for("ana", joined=True)])
    assert await receive_all(here, ear, 0) == [], "it would have heard itself"
    await here.flush()


@pytest.mark.slow
async def test_one_notification_covers_a_whole_commit(url: str) -> None:
    users, stranger = [uuid4() for _ in range(MAX_GROUPS_PER_SEND + 1)], uuid4()
    layers, there = (layer(url), layer(url)), StreamSubscriptions()
    writing, hearing = ChannelLayerNotifier(layers[0], StreamSubscriptions()), ChannelLayerNotifier(layers[1], there)
    tasks = [asyncio.create_task(each.run()) for each in (writing, hearing)]
    for user in users:
        hearing.add_listener(user)
    async with asyncio.timeout(PATIENCE):
        while len(layers[1]._get_layer().groups) < len(users):
            await asyncio.sleep(0.01)
    await asyncio.sleep(QUIET)
    with ExitStack() as stack:
        listeners = [stack.enter_context(there.subscribe(user)) for user in users]
        foreign = stack.enter_context(there.subscribe(stranger))
        writing.notify([*users, stranger])
        await asyncio.wait_for(asyncio.gather(*[listener.wait() for listener in listeners]), PATIENCE)
        assert not foreign.take_gap()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    await asyncio.gather(*[each.flush() for each in layers])
