"""Python's threads on one core, and what else uses all of them."""

import asyncio
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Collection

import pytest

from core.concurrency import one_core
from core.concurrency.one_core import (
    GIVEN_CORES,
    CoreKeeper,
    give_all_cores,
    move_threads,
    read_busy_seconds,
    staying_on_one_core,
)
from tests.support.patience import PATIENCE

several_cores = pytest.mark.skipif(len(GIVEN_CORES) < 2, reason="the machine has one core, or can't restrict threads")


def list_cores() -> list[frozenset[int]]:
    """The cores that each of Python's threads may use."""
    return [frozenset(os.sched_getaffinity(thread.native_id or 0)) for thread in threading.enumerate()]


async def until_on_one_core() -> None:
    async with asyncio.timeout(PATIENCE):
        while {len(cores) for cores in list_cores()} != {1}:
            await asyncio.sleep(0.01)


@several_cores
async def test_all_threads_stay_on_one_core_and_get_all_of_them_back() -> None:
    ended = threading.Event()
    before = threading.Thread(target=ended.wait)
    before.start()
    try:
        async with staying_on_one_core(wanted=True):
            await until_on_one_core()
            within = threading.Thread(target=ended.wait)
            within.start()
            assert len(set(list_cores())) == 1
        assert set(list_cores()) == {GIVEN_CORES}
    finally:
        ended.set()
        await asyncio.to_thread(before.join)
        await asyncio.to_thread(within.join)


@several_cores
async def test_a_child_process_gets_all_cores() -> None:
    async with staying_on_one_core(wanted=True):
        await until_on_one_core()
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
        try:
            assert len(os.sched_getaffinity(child.pid)) == 1
            give_all_cores(child.pid)
            assert os.sched_getaffinity(child.pid) == GIVEN_CORES
        finally:
            await child.communicate(b"\n")
    give_all_cores(child.pid)  # one that has ended is no error


@several_cores
async def test_it_can_be_turned_off() -> None:
    async with staying_on_one_core(wanted=False):
        await asyncio.sleep(0.05)
        assert set(list_cores()) == {GIVEN_CORES}


@several_cores
async def test_a_system_that_forbids_it_is_told_and_served(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(cores: Collection[int]) -> None:
        if cores != GIVEN_CORES:
            raise PermissionError

    monkeypatch.setattr(one_core, "move_threads", refuse)
    with caplog.at_level(logging.WARNING, logger=one_core.__name__):
        async with staying_on_one_core(wanted=True):
            await asyncio.sleep(0.05)
    assert "can't be kept on one core" in caplog.text


def keep_core(core: int) -> CoreKeeper:
    keeper = CoreKeeper([0, 1, 2], read_busy=dict)
    keeper.core = core
    return keeper


def choose_often(keeper: CoreKeeper, busy: dict[int, float], own: float) -> int:
    """The core after so many looks that it has moved if it ever does: it moves every other time."""
    for _ in range(100):
        keeper.choose(busy, own)
    return keeper.core


def test_it_moves_to_the_core_that_others_need_least() -> None:
    assert choose_often(keep_core(0), {0: 1.0, 1: 0.6, 2: 0.1}, own=0.4) == 2


def test_it_stays_where_it_is_busy_itself_or_others_are_everywhere() -> None:
    assert choose_often(keep_core(0), {0: 1.0, 1: 0.1, 2: 0.1}, own=0.95) == 0
    assert choose_often(keep_core(1), {0: 0.5, 1: 1.0, 2: 0.9}, own=0.4) == 1


@several_cores
def test_the_busy_seconds_of_each_core_are_read() -> None:
    before, until = read_busy_seconds(), time.process_time() + 0.2
    assert before.keys() >= GIVEN_CORES
    while time.process_time() < until:
        pass
    after = read_busy_seconds()
    assert sum(after.values()) - sum(before.values()) >= 0.15
    move_threads(GIVEN_CORES)
