"""Runs whose worker went silent, looked after by hand: what an engine does every half second, without one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from agents import leases
from agents.models import Run, RunState


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovered:
    """A run that a worker had lost, and its state since: queued again, or ended with `error` as its code."""

    run_id: UUID
    user_id: UUID
    attempt: int
    state: str
    error: str


def recover() -> tuple[Recovered, ...]:
    """Give back or end every run whose lease is over. One that an engine looked after meanwhile is told too, as it
    stands; one whose owner deleted it is not."""
    dead = Run.objects.filter(state=RunState.RUNNING, lease_until__lt=datetime.now(UTC))
    ids = list(dead.values_list("id", flat=True))
    leases.sweep()
    rows = Run.objects.filter(id__in=ids).order_by("created_at")
    return tuple(
        Recovered(run_id=run.id, user_id=run.owner_id, attempt=run.attempt, state=run.state, error=run.error)
        for run in rows
    )
