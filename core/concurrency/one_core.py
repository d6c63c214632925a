"""Keeps the threads of a process that serves users on one core of the machine.

Only one thread of a process runs Python at a time. On several cores each hand-over of the interpreter wakes another
core: seventy times a question, which takes a third of its processor time (docs/performance.md). On one core a thread
that becomes ready runs when the one before it waits. Child processes get all cores."""

import asyncio
import logging
import os
import random
import threading
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager, suppress

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0  # between looks at what others need of the core
MARGIN = 0.2  # of a core, by which another one has to be less busy with other work
TICKS = 100  # a second, of /proc/stat

GIVEN_CORES = frozenset(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else frozenset[int]()
"""The cores that this process was given, read when it starts; none where the system can't restrict a thread to some."""

ReadBusy = Callable[[], Mapping[int, float]]


def give_all_cores(process: int) -> None:
    """Let a child process that has just begun use all cores that this process was given."""
    if GIVEN_CORES:
        with suppress(ProcessLookupError):  # it has ended already
            os.sched_setaffinity(process, GIVEN_CORES)


@asynccontextmanager
async def staying_on_one_core(wanted: bool) -> AsyncIterator[None]:
    """Keep Python's threads on one core within the block, if it is `wanted`, and on another one if other work needs
    that one."""
    if not wanted or len(GIVEN_CORES) < 2:
        yield
        return
    keeper = CoreKeeper(GIVEN_CORES, read_busy=read_busy_seconds)
    task = asyncio.create_task(keeper.keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        move_threads(GIVEN_CORES)


class CoreKeeper:
    """Chooses the core. `read_busy` returns how many seconds each core of the machine has been busy so far."""

    def __init__(self, cores: Collection[int], *, read_busy: ReadBusy) -> None:
        self._cores = sorted(cores)
        self._read_busy = read_busy
        self.core = random.choice(self._cores)  # noqa: S311  # so that several processes spread

    async def keep(self) -> None:
        """Keep the threads on the chosen core until cancelled."""
        try:
            busy, own = self._read_busy(), time.process_time()
            while True:
                move_threads({self.core})
                await asyncio.sleep(LOOK_SECONDS)
                busy_now, own_now = self._read_busy(), time.process_time()
                self.choose({core: busy_now[core] - busy[core] for core in self._cores}, own_now - own)
                busy, own = busy_now, own_now
        except (OSError, KeyError):
            # A container may forbid it. Then the threads stay where they are.
            log.warning("Python's threads can't be kept on one core", exc_info=True)

    def choose(self, busy: Mapping[int, float], own: float) -> None:
        """Move to the least busy core if other work needs this one more than that one, by the seconds for which each
        core was busy, and this process itself. Every other time only: others may have the same idea."""
        others = busy[self.core] - own
        idlest = min(self._cores, key=lambda core: busy[core])
        if others > busy[idlest] + MARGIN * LOOK_SECONDS and random.random() < 0.5:  # noqa: S311
            self.core = idlest


def move_threads(cores: Collection[int]) -> None:
    """Let all of Python's threads use these cores only."""
    for thread in threading.enumerate():
        if thread.native_id is not None:
            with suppress(ProcessLookupError):  # it has just ended
                os.sched_setaffinity(thread.native_id, cores)


def read_busy_seconds() -> dict[int, float]:
    """Return for how many seconds each core has been busy since the machine's start."""
    busy: dict[int, float] = {}
    with open("/proc/stat", encoding="ascii") as lines:
        for line in lines:
            name, *values = line.split()
            if name.startswith("cpu") and name != "cpu":
                user, nice, system, _, _, *interrupts = (int(value) for value in values[:8])
                busy[int(name[3:])] = (user + nice + system + sum(interrupts)) / TICKS
    return busy
