"""The leases of a worker's runs: renewed while it works on them, and released when its process stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from agents.models import OPEN_STATES, Run, RunState
from agents.run_queue import StopSignal
from core.db import retry_on_conflict
from core.models import OwnedQuerySet
from core.users import is_fingerprint_current, load_fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseRenewal:
    """`lost` are the runs that no longer belong to the worker, except those that it has ended itself. `stops` are the
    runs that it must stop, and why."""

    lost: frozenset[UUID]
    stops: Mapping[UUID, StopSignal]


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
