"""Which worker holds which run: claimed with a lease that must be renewed, given back when a worker goes silent."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from agents import runs
from agents.models import OPEN, Run, RunState
from agents.runs import ASSUMPTIONS
from netra.core.context import UserExecutionContext
from netra.core.events import AgentError
from workloads.prices import Assumptions

MAX_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run taken up by a worker: all that the run's attempt needs to know, as plain data."""

    context: UserExecutionContext
    ask: str
    workload_id: UUID | None
    assumptions: Assumptions


def claim(worker: str, *, lease: timedelta, run_seconds: float, run_id: UUID | None = None) -> Claim | None:
    """Take up the oldest queued run whose thread is free (or just `run_id`), or None where there is none."""
    now = datetime.now(UTC)
    busy = Run.objects.filter(state__in=OPEN).values("thread_id")
    queue = Run.objects.filter(state=RunState.QUEUED).exclude(thread_id__in=busy).order_by("created_at")
    if run_id is not None:
        queue = queue.filter(id=run_id)
    candidate = queue.values_list("id", flat=True).first()
    if candidate is None:
        return None
    try:
        with transaction.atomic():
            taken = Run.objects.filter(id=candidate, state=RunState.QUEUED).update(
                state=RunState.RUNNING,
                attempt=F("attempt") + 1,
                worker=worker,
                lease_until=now + lease,
                started_at=now,
            )
    except IntegrityError:
        return None  # another worker opened a run of the same thread in this moment
    if not taken:
        return None
    run = Run.objects.select_related("message").get(id=candidate)
    return Claim(
        context=_context(run, now + timedelta(seconds=run_seconds)),
        ask=run.message.text,
        workload_id=run.workload_id,
        assumptions=ASSUMPTIONS.validate_python(run.assumptions),
    )


def renew(worker: str, claims: dict[UUID, int], *, lease: timedelta) -> tuple[set[UUID], set[UUID]]:
    """Prolong the leases of a worker's runs. Returns the runs that are not its any more, and those to be cancelled."""
    if not claims:
        return set(), set()
    mine = Run.objects.filter(id__in=claims, worker=worker, state__in=OPEN)
    mine.update(lease_until=datetime.now(UTC) + lease)
    rows = {row[0]: row for row in mine.values_list("id", "attempt", "cancel_requested_at")}
    kept = {run_id for run_id, attempt in claims.items() if run_id in rows and rows[run_id][1] == attempt}
    return set(claims) - kept, {run_id for run_id in kept if rows[run_id][2] is not None}


def release(worker: str) -> int:
    """Give a stopping worker's runs back to the queue at once; those to be cancelled are left to the next sweep."""
    mine = Run.objects.filter(worker=worker, state=RunState.RUNNING)
    mine.filter(cancel_requested_at__isnull=False).update(lease_until=datetime.now(UTC))
    return mine.filter(cancel_requested_at__isnull=True).update(state=RunState.QUEUED, lease_until=None)


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
            runs.end(run, AgentError(**runs.top(run), code="cancelled", message="Cancelled.", duration_ms=0))
        elif attempt >= MAX_ATTEMPTS:
            message = f"The worker was lost {attempt} times; what had been found so far is kept."
            runs.end(run, AgentError(**runs.top(run), code="worker_lost", message=message, duration_ms=0))
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
