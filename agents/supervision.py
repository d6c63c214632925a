"""Whether attempts at runs may go on: they are still their run's last attempt, nobody has cancelled the run, and its
user's account and password are those of its start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from agents.models import OPEN_STATES, Run, RunState
from agents.run_queue import StopSignal
from core.db import as_all_users
from core.users import is_fingerprint_current, load_fingerprints


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """`lost` are the runs that are another attempt's, queued again or gone. `stops` are those that must be stopped, and
    why."""

    lost: frozenset[UUID]
    stops: Mapping[UUID, StopSignal]


def inspect_runs(attempts: Mapping[UUID, int]) -> Inspection:
    """Inspect runs, given by id with the attempts that are being made at them."""
    if not attempts:
        return Inspection(lost=frozenset(), stops={})
    columns = ("attempt", "state", "cancel_requested_at", "cancelled_by_operator", "owner_id", "authority")
    rows = Run.objects.filter(id__in=attempts).exclude(state=RunState.QUEUED)
    with as_all_users():
        found = {row[0]: row[1:] for row in rows.values_list("id", *columns)}
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
    return Inspection(lost=frozenset(attempts.keys() - owned.keys()), stops=stops)
