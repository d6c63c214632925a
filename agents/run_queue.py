"""Which worker holds which run: claimed with a lease that must be renewed, given back when a worker goes silent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from agents import runs
from agents.kit import StopSignal
from agents.models import OPEN, Run, RunState
from agents.runs import ASSUMPTIONS
from agents.stopping import milliseconds
from netra.core.authority import holds, stamps
from netra.core.context import UserExecutionContext
from netra.core.models import OwnedQuerySet
from netra.core.retries import retry_on_conflict
from netra.language.text import counted, text
from workloads.prices import Assumptions

MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run taken up by a worker: all that the run's attempt needs to know, as plain data."""

    context: UserExecutionContext
    ask: str
    workload_id: UUID | None
    assumptions: Assumptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """`lost`: runs that are not the worker's any more, those that it has ended itself apart. `stops`: those of its runs
    that must end, and why."""

    lost: frozenset[UUID]
    stops: Mapping[UUID, StopSignal]


def claim(worker: str, *, lease: timedelta, run_seconds: float, run_id: UUID | None = None) -> Claim | None:
    """Take up the oldest queued run whose thread is free (or just `run_id`), or None where there is none.

    Runs whose owner may not act any more end here.
    """
    while (candidate := _candidate(run_id)) is not None:
        now = datetime.now(UTC)
        if not _taken(candidate, worker, now, lease):
            return None
        run = Run.objects.select_related("message").filter(id=candidate).first()
        if run is None:
            continue  # deleted in this moment
        if holds(run.authority, stamps([run.owner_id]).get(run.owner_id)):
            return Claim(
                context=_context(run, now + timedelta(seconds=run_seconds)),
                ask=run.message.text,
                workload_id=run.workload_id,
                assumptions=ASSUMPTIONS.validate_python(run.assumptions),
            )
        _revoke(run)
    return None


@retry_on_conflict
def _revoke(run: Run) -> None:
    with transaction.atomic():
        if Run.objects.select_for_update().filter(id=run.id, attempt=run.attempt, state=RunState.RUNNING).exists():
            runs.end(run, "revoked", text("Not started: your account or its password changed after you asked."))


def _candidate(run_id: UUID | None) -> UUID | None:
    busy = Run.objects.filter(state__in=OPEN).values("thread_id")
    queue = Run.objects.filter(state=RunState.QUEUED).exclude(thread_id__in=busy).order_by("created_at")
    if run_id is not None:
        queue = queue.filter(id=run_id)
    found: UUID | None = queue.values_list("id", flat=True).first()
    return found


def _taken(candidate: UUID, worker: str, now: datetime, lease: timedelta) -> bool:
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
        return False  # another worker opened a run of the same thread in this moment


def renew(worker: str, claims: Mapping[UUID, int], *, lease: timedelta) -> Renewed:
    """Prolong the leases of a worker's runs."""
    if not claims:
        return Renewed(lost=frozenset(), stops={})
    mine = Run.objects.filter(id__in=claims, worker=worker)
    _prolong(mine.filter(state__in=OPEN), lease)
    columns = ("attempt", "state", "cancel_requested_at", "cancelled_by_operator", "owner_id", "authority")
    rows = {row[0]: row[1:] for row in mine.exclude(state=RunState.QUEUED).values_list("id", *columns)}
    held = {run_id: rows[run_id] for run_id, attempt in claims.items() if run_id in rows and rows[run_id][0] == attempt}
    # Where it is over, its worker has told the end, and may not have learnt yet that this is stored.
    kept = {run_id: tuple(row) for run_id, (_, state, *row) in held.items() if state in OPEN}
    authority = stamps({owner_id for _, _, owner_id, _ in kept.values()})
    stops: dict[UUID, StopSignal] = {}
    for run_id, (cancelled, by_operator, owner_id, given) in kept.items():
        if not holds(given, authority.get(owner_id)):
            stops[run_id] = StopSignal(because="revoked", since=datetime.now(UTC))
        elif cancelled is not None:
            stops[run_id] = StopSignal(because="cancelled", since=cancelled, by_operator=by_operator)
    return Renewed(lost=frozenset(claims.keys() - held.keys()), stops=stops)


@retry_on_conflict
def _prolong(mine: OwnedQuerySet[Run], lease: timedelta) -> None:
    with transaction.atomic():
        _in_order(mine).update(lease_until=datetime.now(UTC) + lease)


def _in_order(rows: OwnedQuerySet[Run]) -> OwnedQuerySet[Run]:
    """The same, locked in the order of their ids: an update of several locks them as it finds them."""
    locked = rows.order_by("id").select_for_update(no_key=True).values_list("id", flat=True)
    return rows.filter(id__in=list(locked))


@retry_on_conflict
def release(worker: str) -> int:
    """Give a stopping worker's runs back to the queue at once; those to be cancelled are left to the next sweep."""
    mine = Run.objects.filter(worker=worker, state=RunState.RUNNING)
    with transaction.atomic():
        mine = _in_order(mine)
        mine.filter(cancel_requested_at__isnull=False).update(lease_until=datetime.now(UTC))
        return mine.filter(cancel_requested_at__isnull=True).update(state=RunState.QUEUED, lease_until=None)


def overdue(run_id: UUID, attempt: int) -> bool:
    """End, and tell, an attempt whose worker has had its deadline and cannot be moved to say so itself. False where it
    was over, or another's, by now."""
    with transaction.atomic():
        running = Run.objects.select_for_update().filter(id=run_id, attempt=attempt, state=RunState.RUNNING)
        run: Run | None = running.first()
        if run is None:
            return False
        words = text("The run did not finish within its time limit, and did not stop when it was told to.")
        runs.end(run, "deadline", words, duration_ms=milliseconds(run.started_at or run.created_at))
    return True


def sweep() -> int:
    """Runs whose worker went silent go back to the queue; after MAX_ATTEMPTS, or a wish to cancel, they end."""
    dead = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
    return sum(_give_back(run_id, attempt) for run_id, attempt in dead.values_list("id", "attempt"))


def _give_back(run_id: UUID, attempt: int) -> bool:
    with transaction.atomic():
        run: Run | None = (
            Run.objects.select_for_update()
            .filter(id=run_id, attempt=attempt, state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
            .first()
        )
        if run is None:
            return False
        if run.cancel_requested_at is not None:
            stopping = milliseconds(run.cancel_requested_at)
            stop = StopSignal(because="cancelled", by_operator=run.cancelled_by_operator)
            runs.end(run, "cancelled", stop.words, stopping_ms=stopping)
        elif attempt >= MAX_ATTEMPTS:
            words = counted(
                "The worker was lost {n} time; what had been found so far is kept.",
                "The worker was lost {n} times; what had been found so far is kept.",
                n=attempt,
            )
            runs.end(run, "worker_lost", words)
        else:
            Run.objects.filter(id=run_id).update(state=RunState.QUEUED, lease_until=None)
    return True


def _context(run: Run, deadline: datetime) -> UserExecutionContext:
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
