"""The end of a try, or of the jobs of a lost worker: in one transaction with the domain's own rows.

The domain's rows are locked before the job: who cancels or deletes them locks in that order, too."""

import logging
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from django.db import OperationalError, connection, transaction

from core.db import as_all_users, retry_on_conflict
from core.jobs.job import ClaimedJob, Job
from core.jobs.job_try import Outcome
from core.jobs.kinds import JobKind
from core.jobs.queue import JobQueue

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0  # before a job that failed is tried again; it doubles with each failure
LOCK_SECONDS = 1  # that the recovery of one lost job may wait for a lock, as the others wait for it
LOCK_TIMEOUT = "55P03"  # PostgreSQL's code

Fate = Literal["requeued", "given_up", "finished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredJob:
    """A job whose worker was lost, and what became of it."""

    job: Job
    fate: Fate


def settle_job(queue: JobQueue, kind: JobKind, claimed: ClaimedJob, outcome: Outcome) -> Fate | None:
    """Finish a job, or queue it again. Does nothing, and returns None, if it has been given to another worker."""
    if outcome == "failed":
        delay = timedelta(seconds=RETRY_SECONDS * 2**claimed.job.losses)
        return _settle(queue, kind, claimed, outcome, not_before=datetime.now(UTC) + delay)
    return _settle(queue, kind, claimed, outcome)


def recover_lost(queue: JobQueue, kinds: Mapping[str, JobKind]) -> tuple[RecoveredJob, ...]:
    """Queue the jobs of lost workers again, or give them up. Several processes may do so at the same moment.

    A job whose rows are locked is left for the next time."""
    return tuple(_iter_recovered(queue, kinds))


def _iter_recovered(queue: JobQueue, kinds: Mapping[str, JobKind]) -> Iterator[RecoveredJob]:
    for claimed in queue.list_lost(kinds.keys()):
        try:
            fate = _settle(queue, kinds[claimed.job.kind], claimed, "lost")
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) != LOCK_TIMEOUT:
                raise
            log.warning("a lost job's rows are locked, and it is left for later: %s", claimed.job.kind)
            continue
        if fate is not None:
            yield RecoveredJob(job=claimed.job, fate=fate)


@retry_on_conflict
def enqueue_missing(queue: JobQueue, kind: JobKind) -> tuple[Job, ...]:
    """Queue a job for everything that waits for one and has none, and return these jobs."""
    missing = _filter_missing(queue, kind, tuple(kind.list_open()))
    if not missing:
        return ()
    with as_all_users(atomic=True):
        missing = _filter_missing(queue, kind, missing)
        for job in missing:
            queue.enqueue(job)
    return missing


def _filter_missing(queue: JobQueue, kind: JobKind, jobs: Collection[Job]) -> tuple[Job, ...]:
    found = queue.find_open(kind.name, {job.key for job in jobs}) if jobs else set()
    return tuple(job for job in jobs if job.key not in found)


@retry_on_conflict
def _settle(
    queue: JobQueue,
    kind: JobKind,
    claimed: ClaimedJob,
    outcome: Outcome | Literal["lost"],
    not_before: datetime | None = None,
) -> Fate | None:
    losses = claimed.job.losses + (outcome in ("lost", "failed"))
    with as_all_users(atomic=True):
        if outcome == "lost":
            _limit_lock_waits()
        fate = _decide(kind, claimed.job, outcome, losses)
        if not queue.hold(claimed, lost=outcome == "lost"):
            transaction.set_rollback(True)
            return None
        if fate == "requeued":
            queue.requeue(claimed, losses=losses, not_before=not_before)
        else:
            queue.finish(claimed, again_at=datetime.now(UTC) + kind.every if kind.every is not None else None)
    return fate


def _limit_lock_waits() -> None:
    """Let the rest of the transaction fail if a lock is not free in time. SQLite waits for its one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")


def _decide(kind: JobKind, job: Job, outcome: Outcome | Literal["lost"], losses: int) -> Fate:
    """Let the domain prepare another try, or end what the job works on."""
    if outcome == "done":
        return "finished"
    if outcome == "overtime" or losses >= kind.tries:
        kind.give_up(job, "overtime" if outcome == "overtime" else "lost")
        return "given_up"
    return "requeued" if kind.requeue(job) else "finished"
