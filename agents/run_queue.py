"""The jobs that make runs: what of a run they change when they begin, are queued again, or are given up."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Literal
from uuid import UUID

from agents import runs
from agents.history import RunHistory, load_history, load_other_logs
from agents.models import Run, RunState
from agents.run_jobs import RUN, build_run_job
from agents.run_rows import UNFINISHED_STATES, UnfinishedRun, lock_unfinished, store_beginning
from core.context import UserExecutionContext
from core.db import as_all_users, as_user, retry_on_conflict
from core.i18n.text import Text, plural_text, text
from core.jobs.job import Job
from core.jobs.kinds import GiveUpReason, Handler, JobKind
from core.jobs.queue import get_queue
from core.jobs.settlement import enqueue_missing, recover_lost
from core.models import OwnedQuerySet
from core.stream.append import Publish
from core.users import credential_fingerprint, is_fingerprint_current
from workloads.pricing.assumptions import UTC_ZONE, Assumptions, read_assumptions

DEADLINE_GRACE_SECONDS = 5.0  # after its deadline, a run may still end itself for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJob:
    """An attempt at a run, with all that it needs to know, as plain data."""

    context: UserExecutionContext
    ask: str
    workload_id: UUID | None
    assumptions: Assumptions
    time_zone: str = UTC_ZONE
    history: RunHistory = field(default_factory=RunHistory)


@dataclass(slots=True)
class StopSignal:
    """Why a run's task is being cancelled, and since when; one per attempt.

    Without a reason, the process is stopping and the run continues in another one.
    """

    reason: Literal["cancelled", "revoked"] | None = None
    since: datetime | None = None
    by_operator: bool = False

    @property
    def message(self) -> Text:
        """The reason, for the run's user."""
        if self.reason == "revoked":
            return text("Stopped because your account or password has changed since you asked.")
        return text("Stopped by an administrator.") if self.by_operator else text("Stopped at your request.")


def get_milliseconds_since(since: datetime) -> float:
    """Return the milliseconds since a moment: never below zero, even if the clocks of two machines differ."""
    return max(0.0, round((datetime.now(UTC) - since).total_seconds() * 1000, 3))


def build_run_kind(handle: Handler, *, run_seconds: float, publish: Publish) -> JobKind:
    """Return the kind of the jobs that make runs."""
    return JobKind(
        name=RUN,
        handle=handle,
        seconds=run_seconds + DEADLINE_GRACE_SECONDS,
        requeue=partial(requeue_run, publish=publish),
        give_up=partial(give_up_run, publish=publish),
        list_open=list_unfinished,
    )


@retry_on_conflict
def begin_run(job: Job, *, run_seconds: float, publish: Publish) -> RunJob | None:
    """Begin an attempt at a run. Return None if it is gone or over; end it if its user may no longer act, or has
    cancelled it."""
    if job.owner is None:
        return None
    with as_user(job.owner, atomic=True):
        run = lock_unfinished(job)
        if run is None or _end_unwanted(run, publish):
            return None
        now = datetime.now(UTC)
        context = _build_context(run, run.attempt + 1, now + timedelta(seconds=run_seconds))
        store_beginning(run, context.attempt, now)
        other_logs = load_other_logs(job.owner, run.workload_id)
    return RunJob(
        context=context,
        ask=run.question,
        workload_id=run.workload_id,
        assumptions=read_assumptions(run.assumptions),
        time_zone=run.time_zone,
        history=load_history(context, run, other_logs),
    )


def requeue_run(job: Job, *, publish: Publish) -> bool:
    """Mark a run as queued again whose worker was lost or stops, in the caller's transaction. Return False if there is
    nothing left to do: then it has ended, perhaps just now."""
    run = lock_unfinished(job)
    if run is None or _end_unwanted(run, publish):
        return False
    Run.objects.filter(id=run.id).update(state=RunState.QUEUED)
    return True


def give_up_run(job: Job, reason: GiveUpReason, *, publish: Publish) -> None:
    """End a run whose workers were lost, or that does not stop after its deadline, in the caller's transaction."""
    run = lock_unfinished(job)
    if run is None or _end_unwanted(run, publish):
        return
    if reason == "overtime":
        message = text("The run exceeded its time limit and was ended.")
        duration = get_milliseconds_since(run.started_at or run.created_at)
        runs.end_run(run, "deadline", message, duration_ms=duration, publish=publish)
        return
    message = plural_text(
        "The run was interrupted {n} time and has been ended. The results so far are saved.",
        "The run was interrupted {n} times and has been ended. The results so far are saved.",
        n=max(run.attempt, 1),
    )
    runs.end_run(run, "worker_lost", message, publish=publish)


def list_unfinished() -> Iterator[Job]:
    """Return a job for each run that has not ended, in the order of their start."""
    with as_all_users():
        unfinished = list(_filter_unfinished().order_by("created_at").only("id", "owner_id", "thread_id"))
    yield from map(build_run_job, unfinished)


def _filter_unfinished() -> OwnedQuerySet[Run]:
    return Run.objects.filter(state__in=UNFINISHED_STATES)


def _end_unwanted(run: UnfinishedRun, publish: Publish) -> bool:
    """End a run that its user may no longer have, or has cancelled. Return whether it was one."""
    current = None if run.password is None else credential_fingerprint(run.password)
    if not is_fingerprint_current(run.authority, current):
        message = text("Not started because your account or password has changed since you asked.")
        stop = StopSignal(reason="revoked")
        runs.end_run(run, "revoked", stop.message if run.attempt else message, publish=publish)
        return True
    if run.cancel_requested_at is None:
        return False
    stop = StopSignal(reason="cancelled", by_operator=run.cancelled_by_operator)
    stopping = get_milliseconds_since(run.cancel_requested_at)
    runs.end_run(run, "cancelled", stop.message, stopping_ms=stopping, publish=publish)
    return True


def _build_context(run: UnfinishedRun, attempt: int, deadline: datetime) -> UserExecutionContext:
    return UserExecutionContext(
        user_id=run.owner_id,
        request_id=run.request_id,
        connection_id=run.connection_id,
        created_at=run.created_at,
        locale=run.locale,
        thread_id=run.thread_id,
        run_id=run.id,
        attempt=attempt,
        deadline=deadline,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredRun:
    """A run whose worker or job was lost, and its state since: queued again, or ended with `error` as its code."""

    run_id: UUID
    user_id: UUID
    attempt: int
    state: str
    error: str


def recover_runs(*, publish: Publish) -> tuple[RecoveredRun, ...]:
    """Queue every run again, or end it, whose worker or job was lost, and return those runs.

    A run that another process recovers at the same time is not returned.
    """
    kind, queue = build_run_kind(_handle_nothing, run_seconds=0, publish=publish), get_queue()
    # A worker may have been lost after it had ended its run.
    with as_all_users():
        unfinished = {str(run_id) for run_id in _filter_unfinished().values_list("id", flat=True)}
    jobs = [*(each.job for each in recover_lost(queue, {RUN: kind})), *enqueue_missing(queue, kind)]
    with as_all_users():
        rows = list(Run.objects.filter(id__in=unfinished & {job.key for job in jobs}).order_by("created_at"))
    return tuple(
        RecoveredRun(run_id=run.id, user_id=run.owner_id, attempt=run.attempt, state=run.state, error=run.error)
        for run in rows
    )


async def _handle_nothing(job: Job, aborted: asyncio.Event) -> None:
    raise AssertionError("jobs are recovered here, and not run")
