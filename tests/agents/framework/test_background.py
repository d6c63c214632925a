"""Work that a run leaves is done once its end is published, with everything it needs still open, and stops with the
process."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from agents.framework import background
from agents.framework.background import MAX_BACKGROUND_RUNS, BackgroundTasks, DeferredTask, DeferredWork
from tests.support.patience import PATIENCE


def scope(log: list[str]) -> AsyncExitStack:
    """Something that tells when it is closed, a moment after it was asked to."""
    stack = AsyncExitStack()

    async def close() -> None:
        await asyncio.sleep(0)
        log.append("closed")

    stack.push_async_callback(close)
    return stack


def later(log: list[str], *names: str) -> DeferredWork:
    """A name that ends in "!" fails, "..." goes on for ever."""

    def work(name: str) -> DeferredTask:
        async def do() -> None:
            log.append(name)
            if name == "...":
                await asyncio.sleep(3600)
            assert not name.endswith("!")

        return do

    return DeferredWork([work(name) for name in names])


async def wait_for_entry(log: list[str], last: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while last not in log:
            await asyncio.sleep(0)


async def test_each_task_runs_and_then_all_are_closed() -> None:
    log: list[str] = []
    async with BackgroundTasks() as process:
        rest = later(log, "one", "two!", "three")
        assert process.has_room_for(rest)
        process.start(rest, scope(log))
        assert log == []  # nobody waits
        await wait_for_entry(log, "closed")
    assert log == ["one", "two!", "three", "closed"]


async def test_empty_work_is_not_accepted() -> None:
    async with BackgroundTasks() as process:
        assert not process.has_room_for(DeferredWork())


async def test_running_tasks_end_with_the_process() -> None:
    log: list[str] = []
    async with BackgroundTasks() as process:
        process.start(later(log, "...", "never"), scope(log))
        await wait_for_entry(log, "...")
    assert log == ["...", "closed"]


async def test_waiting_tasks_are_closed() -> None:
    log: list[str] = []
    async with BackgroundTasks() as process:
        process.start(later(log, "never"), scope(log))
    assert log == ["closed"]


async def test_the_number_of_tasks_is_limited() -> None:
    log: list[str] = []
    async with BackgroundTasks() as process:
        for _ in range(MAX_BACKGROUND_RUNS - 1):
            process.start(later(log, "..."), scope(log))
        assert process.has_room_for(later(log, "one"))
        process.start(later(log, "one"), scope(log))
        assert not process.has_room_for(later(log, "two"))
        await wait_for_entry(log, "closed")
        await asyncio.sleep(0)
        assert process.has_room_for(later(log, "two"))


async def test_a_hanging_task_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "BACKGROUND_TIMEOUT_SECONDS", 0.05)
    log: list[str] = []
    async with BackgroundTasks() as process:
        process.start(later(log, "..."), scope(log))
        await wait_for_entry(log, "closed")
    assert log == ["...", "closed"]
