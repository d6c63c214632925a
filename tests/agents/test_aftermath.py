"""What a run leaves to do: done when its end has been told, with what it needs still open; stopped with the process."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from agents import aftermath
from agents.aftermath import MOST, Aftermath, Later, Work
from tests.patience import PATIENCE


def scope(log: list[str]) -> AsyncExitStack:
    """Something that tells when it is closed, a moment after it was asked to."""
    stack = AsyncExitStack()

    async def close() -> None:
        await asyncio.sleep(0)
        log.append("closed")

    stack.push_async_callback(close)
    return stack


def later(log: list[str], *names: str) -> Later:
    """A name that ends in "!" fails, "..." goes on for ever."""

    def work(name: str) -> Work:
        async def do() -> None:
            log.append(name)
            if name == "...":
                await asyncio.sleep(3600)
            assert not name.endswith("!")

        return do

    return Later([work(name) for name in names])


async def waited(log: list[str], last: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while last not in log:
            await asyncio.sleep(0)


async def test_each_has_its_turn_and_then_all_is_closed() -> None:
    log: list[str] = []
    async with Aftermath() as process:
        rest = later(log, "one", "two!", "three")
        assert process.takes(rest)
        process.take(rest, scope(log))
        assert log == []  # nobody waits
        await waited(log, "closed")
    assert log == ["one", "two!", "three", "closed"]


async def test_nothing_to_do_is_not_taken() -> None:
    async with Aftermath() as process:
        assert not process.takes(Later())


async def test_what_is_under_way_ends_with_the_process() -> None:
    log: list[str] = []
    async with Aftermath() as process:
        process.take(later(log, "...", "never"), scope(log))
        await waited(log, "...")
    assert log == ["...", "closed"]


async def test_what_had_not_begun_is_closed_too() -> None:
    log: list[str] = []
    async with Aftermath() as process:
        process.take(later(log, "never"), scope(log))
    assert log == ["closed"]


async def test_there_is_room_for_so_many_and_again_when_they_are_done() -> None:
    log: list[str] = []
    async with Aftermath() as process:
        for _ in range(MOST - 1):
            process.take(later(log, "..."), scope(log))
        assert process.takes(later(log, "one"))
        process.take(later(log, "one"), scope(log))
        assert not process.takes(later(log, "two"))
        await waited(log, "closed")
        await asyncio.sleep(0)
        assert process.takes(later(log, "two"))


async def test_what_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aftermath, "SECONDS", 0.05)
    log: list[str] = []
    async with Aftermath() as process:
        process.take(later(log, "..."), scope(log))
        await waited(log, "closed")
    assert log == ["...", "closed"]
