"""The bell between processes, over a channel layer that two ringers share."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from channels.layers import InMemoryChannelLayer

from realtime import ringer
from realtime.doorbell import Doorbells
from realtime.groups import BELL, user_group
from realtime.ringer import Ringer, heard
from tests.patience import PATIENCE


async def until_rung(doorbells: Doorbells, user: UUID, ring: Any) -> bool:
    with doorbells.listening(user) as bell:
        for _ in range(20):
            ring()
            try:
                await asyncio.wait_for(bell.wait(), 0.1)
            except TimeoutError:
                continue
            return bell.missed()
    return False


async def test_what_one_process_writes_rings_in_the_other_for_that_user_only() -> None:
    layer, user, other = InMemoryChannelLayer(), uuid4(), uuid4()
    here, there = Doorbells(), Doorbells()
    writing, hearing = Ringer(layer, here), Ringer(layer, there)
    tasks = [asyncio.create_task(each.run()) for each in (writing, hearing)]
    hearing.join(user)
    hearing.join(other)
    await asyncio.sleep(0.05)
    with there.listening(other) as foreign:
        assert await until_rung(there, user, lambda: writing.written([user]))
        assert not foreign.missed()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_layer_that_fails_or_hangs_holds_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ringer, "PAUSE", 0.01)
    monkeypatch.setattr(ringer, "PATIENCE", 0.01)

    class Broken(InMemoryChannelLayer):  # type: ignore[misc]
        failures = ["refuse", "hang"]

        async def group_send(self, group: str, message: Any) -> None:
            if self.failures and self.failures.pop(0) == "refuse":
                raise ConnectionError
            if self.failures == []:
                await super().group_send(group, message)
            else:
                await asyncio.sleep(60)

    layer, user, there = Broken(), uuid4(), Doorbells()
    writing, hearing = Ringer(layer, Doorbells()), Ringer(layer, there)
    tasks = [asyncio.create_task(each.run()) for each in (writing, hearing)]
    hearing.join(user)
    await asyncio.sleep(0.05)
    assert await until_rung(there, user, lambda: writing.written([user]))
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def test_only_bells_of_others_are_heard() -> None:
    user = uuid4()
    bell = {"type": BELL, "user": user.hex, "from": "another"}
    assert heard(bell, "me") == user
    for no_bell in (
        {**bell, "from": "me"},
        {**bell, "type": "websocket.receive"},
        {**bell, "user": "nobody"},
        {"type": BELL},
        "bell",
        None,
    ):
        assert heard(no_bell, "me") is None


def test_every_user_has_a_group_of_their_own() -> None:
    one, two = uuid4(), uuid4()
    assert user_group(one) != user_group(two)


async def test_nothing_gathers_where_there_are_no_other_processes() -> None:
    alone = Ringer(None, Doorbells())
    for user in [uuid4() for _ in range(10)]:
        alone.join(user)
        alone.written([user])
        alone.leave(user)
    assert not any((alone._listening, alone._changed, alone._written))


async def test_a_group_is_left_with_the_last_who_listens() -> None:
    layer, user, doorbells = InMemoryChannelLayer(), uuid4(), Doorbells()
    ringer = Ringer(layer, doorbells)
    task = asyncio.create_task(ringer.run())
    ringer.join(user)
    ringer.join(user)
    ringer.leave(user)
    async with asyncio.timeout(PATIENCE):
        while list(layer.groups) != [user_group(user)]:
            await asyncio.sleep(0.01)
        ringer.leave(user)
        while layer.groups:
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.wait([task])
