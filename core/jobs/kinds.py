"""Kinds of jobs: their handlers, how long and how often they are tried, and what happens when the tries are used up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core.jobs.job import Job


class AbortSignal(asyncio.Event):
    """Is set when somebody asks to abort a job. A handler waits for it, or is called, which takes no task."""

    def __init__(self) -> None:
        super().__init__()
        self._on_set: Callable[[], None] | None = None

    def set(self) -> None:
        super().set()
        if self._on_set is not None:
            self._on_set()

    def call(self, on_set: Callable[[], None]) -> None:
        """Call this once it is set, or now if it is. One handler has one such call."""
        self._on_set = on_set
        if self.is_set():
            on_set()


Handler = Callable[[Job, AbortSignal], Awaitable[None]]
"""Works on a job. When the signal is set, the handler ends by itself. It is cancelled when its time is over or the
process stops, and need not finish then."""
GiveUpReason = Literal["lost", "overtime"]
"""Why a job is given up: its tries were lost or failed, or one of them took longer than its kind may."""


def _always_again(job: Job) -> bool:
    return True


def _ignore(job: Job, reason: GiveUpReason) -> None:
    return None


def _list_none() -> Iterable[Job]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class JobKind:
    """`seconds` is the time limit of a try, and `tries` how many of them may be lost or fail.

    `requeue` prepares what a job works on for another try, and returns False if none is needed. `give_up` ends what it
    works on. Both are called in the transaction that changes the job. With `every`, the kind has one job that is done
    again and again. `list_open` returns a job for everything that waits for one, so that what lost its job (in another
    engine's queue, with a restored backup) gets a new one.
    """

    name: str
    handle: Handler
    seconds: float
    tries: int = 3
    requeue: Callable[[Job], bool] = _always_again
    give_up: Callable[[Job, GiveUpReason], None] = _ignore
    every: timedelta | None = None
    list_open: Callable[[], Iterable[Job]] = _list_none


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Kinds whose jobs share `concurrency` places of a process, so that none of other kinds wait for them."""

    name: str
    kinds: tuple[JobKind, ...]
    concurrency: int
