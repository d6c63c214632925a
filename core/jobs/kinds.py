"""Kinds of jobs: their handlers, how long and how often they are tried, and what happens when the tries are used up."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from core.jobs.job import Job

Handler = Callable[[Job, asyncio.Event], Awaitable[None]]
"""Works on a job. The event is set when somebody asks to abort the job: the handler then ends by itself. It is
cancelled when its time is over or the process stops, and need not finish then."""
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
