"""The queue of runs: workers claim them with a lease, and runs of silent workers are requeued or ended."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from agents import runs
from agents.models import OPEN_STATES, Run, RunState
from core.context import UserExecutionContext
from core.db import retry_on_conflict
from core.i18n.text import Text, plural_text, text
from core.stream.append import Publish
from core.users import is_fingerprint_current, load_fingerprints
from workloads.pricing.assumptions import UTC_ZONE, Assumptions, read_assumptions

MAX_ATTEMPTS = 3  # then a run whose worker is lost ends


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJob:
    """A run claimed by a worker: all that this attempt needs to know, as plain data."""

    context: UserExecutionContext
    ask: str
    workload_id: UUID | None
    assumptions: Assumptions
    time_zone: str = UTC_ZONE


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


def claim_run(
    worker: str,
    *,
    lease: timedelta,
    run_seconds: float,
    run_id: UUID | None = None,
    publish: Publish,
) -> RunJob | None:
    """Claim the oldest queued run whose thread has no open run (or only `run_id`). Return None if there is none.

    Ends runs whose owner may no longer act.
    """
    while (candidate := _find_candidate(run_id)) is not None:
        now = datetime.now(UTC)
        if not _try_claim(candidate, worker, now, lease):
            return None
        run = Run.objects.select_related("message").filter(id=candidate).first()
        if run is None:
            continue  # deleted meanwhile
        if is_fingerprint_current(run.authority, load_fingerprints([run.owner_id]).get(run.owner_id)):
            return RunJob(
                context=_build_context(run, now + timedelta(seconds=run_seconds)),
                ask=run.message.text,
                workload_id=run.workload_id,
                assumptions=read_assumptions(run.assumptions),
                time_zone=run.time_zone,
            )
        _end_revoked(run, publish)
    return None


@retry_on_conflict
def _end_revoked(run: Run, publish: Publish) -> None:
    with transaction.atomic():
        if Run.objects.select_for_update().filter(id=run.id, attempt=run.attempt, state=RunState.RUNNING).exists():
            message = text("Not started because your account or password has changed since you asked.")
            runs.end_run(run, "revoked", message, publish=publish)


def _find_candidate(run_id: UUID | None) -> UUID | None:
    busy = Run.objects.filter(state__in=OPEN_STATES).values("thread_id")
    queue = Run.objects.filter(state=RunState.QUEUED).exclude(thread_id__in=busy).order_by("created_at")
    if run_id is not None:
        queue = queue.filter(id=run_id)
    found: UUID | None = queue.values_list("id", flat=True).first()
    return found


def _try_claim(candidate: UUID, worker: str, now: datetime, lease: timedelta) -> bool:
    try:
        with transaction.atomic():
            return bool(
                Run.objects.filter(id=candidate, state=RunState.QUEUED).update(
                    state=RunState.RUNNING,
                    attempt=F("attempt") + 1,
                    worker=worker,
                    lease_until=now + lease,
                    started_at=now,
                )
            )
    except IntegrityError:
        return False  # another worker claimed a run of the same thread at the same moment


def end_overdue_run(run_id: UUID, attempt: int, *, publish: Publish) -> bool:
    """End an attempt that is past its deadline and whose agent does not stop. Return False if that attempt was already
    over or has been replaced by another."""
    with transaction.atomic():
        running = Run.objects.select_for_update().filter(id=run_id, attempt=attempt, state=RunState.RUNNING)
        run: Run | None = running.first()
        if run is None:
            return False
        message = text("The run exceeded its time limit and was ended.")
        duration = get_milliseconds_since(run.started_at or run.created_at)
        runs.end_run(run, "deadline", message, duration_ms=duration, publish=publish)
    return True


def reap_expired(*, publish: Publish) -> int:
    """Requeue the runs whose lease has expired; end them after MAX_ATTEMPTS or if they are to be cancelled.

    Return how many were requeued or ended.
    """
    expired = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
    found = expired.values_list("id", "attempt")
    return sum(_requeue_or_end(run_id, attempt, publish) for run_id, attempt in found)


def _requeue_or_end(run_id: UUID, attempt: int, publish: Publish) -> bool:
    with transaction.atomic():
        run: Run | None = (
            Run.objects.select_for_update()
            .filter(id=run_id, attempt=attempt, state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
            .first()
        )
        if run is None:
            return False
        if run.cancel_requested_at is not None:
            stopping = get_milliseconds_since(run.cancel_requested_at)
            stop = StopSignal(reason="cancelled", by_operator=run.cancelled_by_operator)
            runs.end_run(run, "cancelled", stop.message, stopping_ms=stopping, publish=publish)
        elif attempt >= MAX_ATTEMPTS:
            message = plural_text(
                "The run was interrupted {n} time and has been ended. The results so far are saved.",
                "The run was interrupted {n} times and has been ended. The results so far are saved.",
                n=attempt,
            )
            runs.end_run(run, "worker_lost", message, publish=publish)
        else:
            Run.objects.filter(id=run_id).update(state=RunState.QUEUED, lease_until=None)
    return True


def _build_context(run: Run, deadline: datetime) -> UserExecutionContext:
    return UserExecutionContext(
        user_id=run.owner_id,
        request_id=run.request_id,
        connection_id=run.connection_id,
        created_at=run.created_at,
        locale=run.locale,
        thread_id=run.thread_id,
        run_id=run.id,
        attempt=run.attempt,
        deadline=deadline,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveredRun:
    """A run whose lease had expired, and its state since: queued again, or ended with `error` as its code."""

    run_id: UUID
    user_id: UUID
    attempt: int
    state: str
    error: str


def recover_runs(*, publish: Publish) -> tuple[RecoveredRun, ...]:
    """Requeue or end every run whose lease has expired, and return those runs.

    A run that a worker recovered at the same time is returned too, in its present state; a deleted one is not.
    """
    expired = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
    ids = list(expired.values_list("id", flat=True))
    reap_expired(publish=publish)
    rows = Run.objects.filter(id__in=ids).order_by("created_at")
    return tuple(
        RecoveredRun(run_id=run.id, user_id=run.owner_id, attempt=run.attempt, state=run.state, error=run.error)
        for run in rows
    )
