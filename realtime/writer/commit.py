"""Commits a batch of the writer's items: in one transaction, or one by one if that fails, so that a bad item stops no
other."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import InterfaceError, InternalError, OperationalError, connection

from agents import run_writer
from agents.run_writer import RunItem, WriteResult
from core.exceptions import RunLost
from core.stream.append import Publish

log = logging.getLogger(__name__)

MAX_RETRIES = 5  # after a broken connection or a lock
RETRY_PAUSE = 0.1  # seconds before the first retry; doubled for each further one

OnSettled = Callable[[Exception | None], None]
"""Called once an item is committed (with None) or has failed."""


class WriteJob:
    """An item that waits for its commit. Once `is_taken`, no more events may join it."""

    __slots__ = ("is_taken", "item", "on_settled")

    def __init__(self, item: RunItem, on_settled: OnSettled) -> None:
        self.item = item
        self.on_settled = on_settled
        self.is_taken = False

    @property
    def size(self) -> int:
        return len(self.item.events) or 1


@dataclass(frozen=True, slots=True)
class CommitResult:
    """Each settled job with its error or None, and the jobs that must be tried again."""

    outcomes: Sequence[tuple[WriteJob, Exception | None]]
    busy: Sequence[WriteJob]
    seconds: float


def commit_jobs(jobs: Sequence[WriteJob], publish: Publish, retries: int = MAX_RETRIES) -> CommitResult:
    """Commit these jobs, in the writer's own thread. Blocks, also while the database is away for a moment."""
    began = time.perf_counter()
    try:
        result = run_writer.write_fenced([job.item for job in jobs], publish=publish)
    except (InterfaceError, InternalError, OperationalError) as error:
        connection.close()  # the next try opens a new one, as this one may be broken
        if retries > 0:
            time.sleep(RETRY_PAUSE * 2 ** (MAX_RETRIES - retries))
            return commit_jobs(jobs, publish, retries - 1)
        return _handle_failure(jobs, publish, error, began)
    except Exception as error:  # noqa: BLE001  # logged, and passed on to the item's emitter
        return _handle_failure(jobs, publish, error, began)
    return _to_result(jobs, result, _seconds_since(began))


def _handle_failure(jobs: Sequence[WriteJob], publish: Publish, error: Exception, began: float) -> CommitResult:
    if len(jobs) > 1:
        return _commit_one_by_one(jobs, publish, began)
    if len(jobs[0].item.events) > 1:
        return _commit_event_by_event(jobs[0], publish, began)
    log.error("an item of run %s could not be stored", jobs[0].item.run_id, exc_info=error)
    return CommitResult([(jobs[0], error)], (), _seconds_since(began))


def _to_result(jobs: Sequence[WriteJob], result: WriteResult, seconds: float) -> CommitResult:
    lost, busy = {id(item) for item in result.lost}, {id(item) for item in result.busy}
    outcomes = [
        (job, _build_run_lost_error(job) if id(job.item) in lost else None) for job in jobs if id(job.item) not in busy
    ]
    return CommitResult(outcomes, [job for job in jobs if id(job.item) in busy], seconds)


def _build_run_lost_error(job: WriteJob) -> RunLost:
    return RunLost(f"run {job.item.run_id} is another worker's, or over")


def _commit_one_by_one(jobs: Sequence[WriteJob], publish: Publish, began: float) -> CommitResult:
    results: list[CommitResult] = []
    busy_users: set[UUID] = set()
    for job in jobs:
        # A user's items stay in order: after one that must wait, all later ones of the user wait too.
        must_wait = job.item.user_id in busy_users
        result = CommitResult((), [job], 0) if must_wait else commit_jobs([job], publish, 0)
        busy_users |= {busy.item.user_id for busy in result.busy}
        results.append(result)
    outcomes = [outcome for result in results for outcome in result.outcomes]
    return CommitResult(outcomes, [job for result in results for job in result.busy], _seconds_since(began))


def _commit_event_by_event(job: WriteJob, publish: Publish, began: float) -> CommitResult:
    """Commit an item's events one by one, so that a bad event stops none that only happened to join it.

    An item of several events has nothing else.
    """
    single_jobs = [WriteJob(job.item._replace(events=(event,)), job.on_settled) for event in job.item.events]
    result = _commit_one_by_one(single_jobs, publish, began)
    error = next((error for _, error in result.outcomes if error is not None), None)
    if not result.busy:
        return CommitResult([(job, error)], (), result.seconds)
    events = [event for busy in result.busy for event in busy.item.events]
    rest = WriteJob(job.item._replace(events=events), partial(_settle_with_first_error, job.on_settled, error))
    return CommitResult((), [rest], result.seconds)


def _settle_with_first_error(on_settled: OnSettled, earlier: Exception | None, error: Exception | None) -> None:
    on_settled(earlier or error)


def _seconds_since(began: float) -> float:
    return time.perf_counter() - began
