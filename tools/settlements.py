"""The end of a call in one transaction: its audit row, cost and result are stored, its quota slot and its reservation
released."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.db import as_writer
from core.events import ToolCompleted
from core.models import User
from tools.audit.attempts import CallAttempt
from tools.audit.record import append_attempts, commit_attempt
from tools.quota.slots import release_slots
from tools.results import FullResult, save_result
from tools.spending.ledger import SpendEntry, record_entries, release_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """The settlement of one call: `full_result` is there where the event has only a preview of the result."""

    attempt: CallAttempt
    slot: UUID | None = None
    reservation: UUID | None = None
    entries: tuple[SpendEntry, ...] = ()
    full_result: FullResult | None = None


def settle_calls(completed: Sequence[tuple[ToolCompleted, Settlement]]) -> None:
    """Store the settlements of calls, within a transaction that has locked the streams of all their users."""
    for event, settlement in completed:
        if settlement.full_result is not None:
            save_result(settlement.attempt.user_id, event, settlement.full_result)
    release_slots([settlement.slot for _, settlement in completed if settlement.slot is not None])
    release_holds([settlement.reservation for _, settlement in completed if settlement.reservation is not None])
    record_entries([entry for _, settlement in completed for entry in settlement.entries])
    append_attempts([settlement.attempt for _, settlement in completed])


def settle_late_call(settlement: Settlement) -> None:
    """Store a settlement in a transaction of its own, if its event came too late for the stream: the call was made.

    Nothing is stored of an erased user, as the key of their digests is gone.
    """
    if not _has_user(settlement.attempt.user_id):
        return
    with as_writer():
        release_slots([settlement.slot] if settlement.slot else [])
        release_holds([settlement.reservation] if settlement.reservation else [])
        record_entries(settlement.entries)
    commit_attempt(settlement.attempt)


def record_late_spend(entries: Sequence[SpendEntry]) -> None:
    """Record spending in a transaction of its own, whichever worker has the run by now: the money is spent."""
    if not all(_has_user(user_id) for user_id in {entry.user_id for entry in entries}):
        return
    with as_writer():
        record_entries(entries)


def _has_user(user_id: UUID) -> bool:
    return User.objects.filter(pk=user_id).exists()
