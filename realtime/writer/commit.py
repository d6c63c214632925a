"""One batch of the writer's: stored whole, or where that fails item by item, so that a bad one stops nobody else's."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from agents import guard
from agents.guard import Outcome, RunItem, Written
from netra.core.exceptions import RunLost
from netra.core.stream import Batch

log = logging.getLogger(__name__)

AGAIN = 5  # tries more, where the connection or a lock was the trouble
PAUSE = 0.1  # seconds before the first of them; doubling


Settled = Callable[[Exception | None], None]


class Job:
    """An item, and who is told what became of it. `taken`: nothing more may go along with it."""

    __slots__ = ("item", "settled", "taken")

    def __init__(self, item: RunItem, settled: Settled) -> None:
        self.item = item
        self.settled = settled
        self.taken = False

    @property
    def size(self) -> int:
        return len(self.item.events) or 1


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a batch: what was written for whom, each settled job with what it failed with, and the jobs that
    must be given again."""

    written: Written
    settled: Sequence[tuple[Job, Exception | None]]
    busy: Sequence[Job]
    seconds: float


def commit(jobs: Sequence[Job], again: int = AGAIN) -> Done:
    """Blocks; in a thread of the writer's own. A database that is away for a moment is waited for."""
    began = time.perf_counter()
    try:
        outcome = guard.write([job.item for job in jobs])
    except (InterfaceError, OperationalError) as error:
        connection.close()  # a broken one is no better for the next try
        if again > 0:
            time.sleep(PAUSE * 2 ** (AGAIN - again))
            return commit(jobs, again - 1)
        return _failed(jobs, error, began)
    except Exception as error:  # noqa: BLE001  # told to whom it belongs, and written down
        return _failed(jobs, error, began)
    return _told(jobs, outcome, time.perf_counter() - began)


def _failed(jobs: Sequence[Job], error: Exception, began: float) -> Done:
    if len(jobs) > 1:
        return _one_by_one(jobs, began)
    if len(jobs[0].item.events) > 1:
        return _event_by_event(jobs[0], began)
    log.error("an item of run %s could not be stored", jobs[0].item.run_id, exc_info=error)
    return Done({}, [(jobs[0], error)], (), time.perf_counter() - began)


def _told(jobs: Sequence[Job], outcome: Outcome, seconds: float) -> Done:
    lost, busy = {id(item) for item in outcome.lost}, {id(item) for item in outcome.busy}
    settled = [(job, _lost(job) if id(job.item) in lost else None) for job in jobs if id(job.item) not in busy]
    return Done(outcome.written, settled, [job for job in jobs if id(job.item) in busy], seconds)


def _lost(job: Job) -> RunLost:
    return RunLost(f"run {job.item.run_id} is another worker's, or over")


def _one_by_one(jobs: Sequence[Job], began: float) -> Done:
    parts: list[Done] = []
    held: set[UUID] = set()
    for job in jobs:
        # A user's items stay in order: after one that must wait, all of theirs do.
        waits = job.item.user_id in held
        part = Done({}, (), [job], 0) if waits else commit([job], 0)
        held |= {each.item.user_id for each in part.busy}
        parts.append(part)
    written: dict[UUID, Batch] = {}
    for part in parts:
        for user, batch in part.written.items():
            before = written.get(user)
            written[user] = batch if before is None else joined(before, batch)
    settled = [each for part in parts for each in part.settled]
    return Done(written, settled, [job for part in parts for job in part.busy], time.perf_counter() - began)


def _event_by_event(job: Job, began: float) -> Done:
    """A bad event takes none along that only happened to wait with it: such an item holds nothing but events."""
    alone = [Job(job.item._replace(events=(event,)), job.settled) for event in job.item.events]
    done = _one_by_one(alone, began)
    error = next((error for _, error in done.settled if error is not None), None)
    if not done.busy:
        return Done(done.written, [(job, error)], (), done.seconds)
    left = [event for each in done.busy for event in each.item.events]
    again = Job(job.item._replace(events=left), partial(_after, job.settled, error))
    return Done(done.written, (), [again], done.seconds)


def _after(settled: Settled, former: Exception | None, error: Exception | None) -> None:
    settled(former or error)


def joined(first: Batch, second: Batch) -> Batch:
    """Two ranges of one user as one. The second need not go on where the first ends: what came in between is in the
    database, and a listener notices the gap."""
    if (first.user_id, first.epoch, first.upto) != (second.user_id, second.epoch, second.after):
        return second
    return Batch(
        user_id=first.user_id,
        epoch=first.epoch,
        after=first.after,
        upto=second.upto,
        payloads=first.payloads + second.payloads,
        since=first.since,
    )
