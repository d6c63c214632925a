"""Places in turns, by hand: nothing here depends on time."""

import asyncio
from collections.abc import Hashable

import pytest

from core.concurrency.fair_semaphore import FairSemaphore, TooManyWaiting


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


class Storm:
    """Work of several users: who got a place, in order."""

    def __init__(self, turns: FairSemaphore) -> None:
        self.turns = turns
        self.got: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    def ask(self, key: str, times: int = 1) -> "list[asyncio.Task[None]]":
        asked = [asyncio.create_task(self._one(key)) for _ in range(times)]
        self.tasks += asked
        return asked

    async def _one(self, key: str) -> None:
        await self.turns.acquire(key)
        self.got.append(key)

    async def give_back(self, key: str) -> None:
        self.turns.release(key)
        await settle()

    async def end(self) -> None:
        for each in self.tasks:
            each.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


async def test_no_user_gets_all_slots_and_a_late_user_finds_one() -> None:
    storm = Storm(FairSemaphore(slots=4, slots_per_key=3, max_waiting=100, max_waiting_per_key=100))
    storm.ask("noisy", 40)
    await settle()
    assert storm.got == ["noisy"] * 3
    storm.ask("quiet")
    await settle()
    assert storm.got[-1] == "quiet"
    await storm.end()


async def test_users_take_turns_even_if_one_asks_for_more() -> None:
    storm = Storm(FairSemaphore(slots=1, slots_per_key=1, max_waiting=100, max_waiting_per_key=100))
    storm.ask("a", 10)
    storm.ask("b", 2)
    storm.ask("c", 1)
    await settle()
    for _ in range(6):
        await storm.give_back(storm.got[-1])
    assert storm.got == ["a", "a", "b", "c", "a", "b", "a"]
    await storm.end()


async def test_one_users_excess_is_refused_without_affecting_other_users() -> None:
    storm = Storm(FairSemaphore(slots=2, slots_per_key=1, max_waiting=10, max_waiting_per_key=8))
    noisy = storm.ask("noisy", 10)
    await settle()
    errors = [each.exception() for each in noisy if each.done() and each.exception()]
    assert [(type(each), getattr(each, "is_own", None)) for each in errors] == [(TooManyWaiting, True)]
    storm.ask("a", 1)
    quiet = storm.ask("b", 2)  # the queues are full with the second: the last of the longest goes
    more = storm.ask("c", 1)
    await settle()
    assert not any(each.done() for each in [*quiet[1:], *more])
    dropped = [each.exception() for each in noisy if each.done() and each.exception()]
    assert [getattr(each, "is_own", None) for each in dropped if each not in errors] == [False]
    await storm.end()


async def test_the_last_request_is_refused_if_all_queues_are_equal() -> None:
    storm = Storm(FairSemaphore(slots=1, slots_per_key=1, max_waiting=2, max_waiting_per_key=2))
    storm.ask("a", 2)
    storm.ask("b", 1)
    await settle()
    with pytest.raises(TooManyWaiting) as caught:
        await storm.turns.acquire("c")
    assert not caught.value.is_own
    await storm.end()


async def test_a_cancelled_wait_leaves_nothing_and_passes_its_slot_on() -> None:
    turns = FairSemaphore(slots=1, slots_per_key=1, max_waiting=10, max_waiting_per_key=10)
    storm = Storm(turns)
    storm.ask("a")
    first, second = storm.ask("b")[0], storm.ask("c")[0]
    await settle()
    first.cancel()
    await settle()
    assert turns.queue_length == 1
    turns.release("a")
    second.cancel()  # its place was given, and it has not heard of it yet
    await settle()
    assert (turns.slots_in_use, turns.queue_length) == (0, 0)
    await storm.end()


async def test_the_cost_of_a_slot_does_not_grow_with_the_queue() -> None:
    looks = 0

    class CountingSemaphore(FairSemaphore):
        def _has_room(self, key: Hashable) -> bool:
            nonlocal looks
            looks += 1
            return super()._has_free_slot(key)

    storm = Storm(CountingSemaphore(slots=2, slots_per_key=1, max_waiting=1000, max_waiting_per_key=1000))
    users = [str(number) for number in range(500)]
    for user in users:
        storm.ask(user)
    await settle()
    for user in users:
        await storm.give_back(user)
    assert storm.got == users
    assert (storm.turns.slots_in_use, storm.turns.queue_length) == (0, 0)
    assert looks < 5 * len(users)
    await storm.end()
