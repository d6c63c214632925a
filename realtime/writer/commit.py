"""One batch of the writer: stored whole, or item by item where that fails, so that a bad item stops no other."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection

from agents import run_writer
from agents.run_writer import RunItem, WriteResult
from core.exceptions import RunLost
from core.stream.batches import Batch, Commits

log = logging.getLogger(__name__)

MAX_RETRIES = 5  # tries more, where the connection or a lock was the trouble
RETRY_PAUSE = 0.1  # seconds before the first of them; doubling


OnSettled = Callable[[Exception | None], None]


class WriteJob:
    """An item, and who is told what became of it. `is_taken`: nothing more may go along with it."""

    __slots__ = ("is_taken", "item", "on_settled")

    def __init__(self, item: RunItem, settled: OnSettled) -> None:
        self.item = item
        self.on_settled = settled
        self.is_taken = False

    @property
    def size(self) -> int:
        return len(self.item.events) or 1


@dataclass(frozen=True, slots=True)
class CommitResult:
    """What became of a batch: what was written for whom, each settled job with what it failed with, and the jobs that
    must be given again."""

    commits: Commits
    outcomes: Sequence[tuple[WriteJob, Exception | None]]
    busy: Sequence[WriteJob]
    seconds: float


def commit_jobs(jobs: Sequence[WriteJob], again: int = MAX_RETRIES) -> CommitResult:
    """Blocks; in a thread of the writer's own. A database that is away for a moment is waited for."""
    began = time.perf_counter()
    try:
        outcome = run_writer.write_fenced([job.item for job in jobs])
    except (InterfaceError, OperationalError) as error:
        connection.close()  # a broken one is no better for the next try
        if again > 0:
            time.sleep(RETRY_PAUSE * 2 ** (MAX_RETRIES - again))
            return commit_jobs(jobs, again - 1)
        return _handle_failure(jobs, error, began)
    except Exception as error:  # noqa: BLE001  # told to whom it belongs, and written down
        return _handle_failure(jobs, error, began)
    return _to_result(jobs, outcome, time.perf_counter() - began)


def _handle_failure(jobs: Sequence[WriteJob], error: Exception, began: float) -> CommitResult:
    if len(jobs) > 1:
        return _commit_one_by_one(jobs, began)
    if len(jobs[0].item.events) > 1:
        return _commit_event_by_event(jobs[0], began)
    log.error("an item of run %s could not be stored", jobs[0].item.run_id, exc_info=error)
    return CommitResult({}, [(jobs[0], error)], (), time.perf_counter() - began)


def _to_result(jobs: Sequence[WriteJob], outcome: WriteResult, seconds: float) -> CommitResult:
    lost, busy = {id(item) for item in outcome.lost}, {id(item) for item in outcome.busy}
    settled = [
        (job, _run_lost_error(job) if id(job.item) in lost else None) for job in jobs if id(job.item) not in busy
    ]
    return CommitResult(outcome.commits, settled, [job for job in jobs if id(job.item) in busy], seconds)


def _run_lost_error(job: WriteJob) -> RunLost:
    return RunLost(f"run {job.item.run_id} is another worker's, or over")


def _commit_one_by_one(jobs: Sequence[WriteJob], began: float) -> CommitResult:
    parts: list[CommitResult] = []
    held: set[UUID] = set()
    for job in jobs:
        # A user's items stay in order: after one that must wait, all of theirs do.
        waits = job.item.user_id in held
        part = CommitResult({}, (), [job], 0) if waits else commit_jobs([job], 0)
        held |= {each.item.user_id for each in part.busy}
        parts.append(part)
    written: dict[UUID, Batch] = {}
    for part in parts:
        for user, batch in part.commits.items():
            before = written.get(user)
            written[user] = batch if before is None else join_batches(before, batch)
    settled = [each for part in parts for each in part.outcomes]
    return CommitResult(written, settled, [job for part in parts for job in part.busy], time.perf_counter() - began)


def _commit_event_by_event(job: WriteJob, began: float) -> CommitResult:
    """A bad event takes none along that only happened to wait with it: such an item holds nothing but events."""
    alone = [WriteJob(job.item._replace(events=(event,)), job.on_settled) for event in job.item.events]
    done = _commit_one_by_one(alone, began)
    error = next((error for _, error in done.outcomes if error is not None), None)
    if not done.busy:
        return CommitResult(done.commits, [(job, error)], (), done.seconds)
    left = [event for each in done.busy for event in each.item.events]
    again = WriteJob(job.item._replace(events=left), partial(_settle_with_first_error, job.on_settled, error))
    return CommitResult(done.commits, (), [again], done.seconds)


def _settle_with_first_error(settled: OnSettled, former: Exception | None, error: Exception | None) -> None:
    settled(former or error)


def join_batches(first: Batch, second: Batch) -> Batch:
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
