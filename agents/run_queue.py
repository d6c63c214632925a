"""The queue of runs: workers claim them with a lease, and runs of silent workers are requeued or ended."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from agents import runs
from agents.models import OPEN_STATES, Run, RunState
from agents.runs import ASSUMPTIONS_ADAPTER
from core.context import UserExecutionContext
from core.db import retry_on_conflict
from core.i18n.text import Text, plural_text, text
from core.models import OwnedQuerySet
from core.stream.append import Publish, publish_to_nobody
from core.users import is_fingerprint_current, load_fingerprints
from workloads.pricing.prices import Assumptions

MAX_ATTEMPTS = 3  # then a run whose worker is lost ends


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJob:
    """A run claimed by a worker: all that this attempt needs to know, as plain data."""

    context: UserExecutionContext
    ask: str
    workload_id: UUID | None
    assumptions: Assumptions


@dataclass(slots=True)
class StopSignal:
    """Why a run's task is being cancelled, and since when; one per attempt.

    Without a reason, the process is stopping and the run continues in another one.
    """

    reason: Literal["cancelled", "revoked"] | None = None
    since: datetime | None = None
    by_operator: bool = False

    @property
    def words(self) -> Text:
        """The reason, for the run's user."""
        if self.reason == "revoked":
            return text("Stopped because your account or password has changed since you asked.")
        return text("Stopped by an administrator.") if self.by_operator else text("Stopped at your request.")


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRenewal:
    """`lost` are the runs that no longer belong to the worker, except those that it has ended itself. `stops` are the
    runs that it must stop, and why."""

    lost: frozenset[UUID]
    stops: Mapping[UUID, StopSignal]


def get_milliseconds_since(since: datetime) -> float:
    """Return the milliseconds since a moment: never below zero, even if the clocks of two machines differ."""
    return max(0.0, round((datetime.now(UTC) - since).total_seconds() * 1000, 3))


def claim_run(
    worker: str,
    *,
    lease: timedelta,
    run_seconds: float,
    run_id: UUID | None = None,
    publish: Publish = publish_to_nobody,
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
                assumptions=ASSUMPTIONS_ADAPTER.validate_python(run.assumptions),
            )
        _end_revoked(run, publish)
    return None


@retry_on_conflict
def _end_revoked(run: Run, publish: Publish) -> None:
    with transaction.atomic():
        if Run.objects.select_for_update().filter(id=run.id, attempt=run.attempt, state=RunState.RUNNING).exists():
            words = text("Not started because your account or password has changed since you asked.")
            runs.end_run(run, "revoked", words, publish=publish)


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


def renew_leases(worker: str, attempts: Mapping[UUID, int], *, lease: timedelta) -> LeaseRenewal:
    """Renew the leases of a worker's runs, given by id with their attempts, and find those to be stopped."""
    if not attempts:
        return LeaseRenewal(lost=frozenset(), stops={})
    rows = Run.objects.filter(id__in=attempts, worker=worker)
    _extend_leases(rows.filter(state__in=OPEN_STATES), lease)
    columns = ("attempt", "state", "cancel_requested_at", "cancelled_by_operator", "owner_id", "authority")
    found = {row[0]: row[1:] for row in rows.exclude(state=RunState.QUEUED).values_list("id", *columns)}
    owned = {
        run_id: found[run_id] for run_id, attempt in attempts.items() if run_id in found and found[run_id][0] == attempt
    }
    # A run that is over was ended by its worker, which may not know yet that the end is stored.
    open_runs = {run_id: tuple(row) for run_id, (_, state, *row) in owned.items() if state in OPEN_STATES}
    fingerprints = load_fingerprints({owner_id for _, _, owner_id, _ in open_runs.values()})
    stops: dict[UUID, StopSignal] = {}
    for run_id, (cancelled, by_operator, owner_id, fingerprint) in open_runs.items():
        if not is_fingerprint_current(fingerprint, fingerprints.get(owner_id)):
            stops[run_id] = StopSignal(reason="revoked", since=datetime.now(UTC))
        elif cancelled is not None:
            stops[run_id] = StopSignal(reason="cancelled", since=cancelled, by_operator=by_operator)
    return LeaseRenewal(lost=frozenset(attempts.keys() - owned.keys()), stops=stops)


@retry_on_conflict
def _extend_leases(rows: OwnedQuerySet[Run], lease: timedelta) -> None:
    with transaction.atomic():
        _lock_in_order(rows).update(lease_until=datetime.now(UTC) + lease)


def _lock_in_order(rows: OwnedQuerySet[Run]) -> OwnedQuerySet[Run]:
    """Lock rows in the order of their ids and return them: an update alone would lock them in any order."""
    locked = rows.order_by("id").select_for_update(no_key=True).values_list("id", flat=True)
    return rows.filter(id__in=list(locked))


@retry_on_conflict
def release_runs(worker: str) -> int:
    """Requeue a stopping worker's runs at once, and let the leases of runs to be cancelled expire.

    Return how many were requeued.
    """
    with transaction.atomic():
        rows = _lock_in_order(Run.objects.filter(worker=worker, state=RunState.RUNNING))
        rows.filter(cancel_requested_at__isnull=False).update(lease_until=datetime.now(UTC))
        return rows.filter(cancel_requested_at__isnull=True).update(state=RunState.QUEUED, lease_until=None)


def end_overdue_run(run_id: UUID, attempt: int, *, publish: Publish = publish_to_nobody) -> bool:
    """End an attempt that is past its deadline and whose agent does not stop. Return False if that attempt was already
    over or has been replaced by another."""
    with transaction.atomic():
        running = Run.objects.select_for_update().filter(id=run_id, attempt=attempt, state=RunState.RUNNING)
        run: Run | None = running.first()
        if run is None:
            return False
        words = text("The run exceeded its time limit and was ended.")
        duration = get_milliseconds_since(run.started_at or run.created_at)
        runs.end_run(run, "deadline", words, duration_ms=duration, publish=publish)
    return True


def reap_expired(*, publish: Publish = publish_to_nobody) -> int:
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
            runs.end_run(run, "cancelled", stop.words, stopping_ms=stopping, publish=publish)
        elif attempt >= MAX_ATTEMPTS:
            words = plural_text(
                "The run was interrupted {n} time and has been ended. The results so far are saved.",
                "The run was interrupted {n} times and has been ended. The results so far are saved.",
                n=attempt,
            )
            runs.end_run(run, "worker_lost", words, publish=publish)
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


def recover_runs(*, publish: Publish = publish_to_nobody) -> tuple[RecoveredRun, ...]:
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
