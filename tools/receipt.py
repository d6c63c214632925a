"""What is settled in the transaction that stores a tool_completed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from netra.core.events import ToolCompleted
from netra.core.models import User
from netra.core.whole import Whole
from tools.audit.attempt import Attempt
from tools.audit.trail import append_all, append_now
from tools.quota.slots import give_back
from tools.results import keep
from tools.spending.entry import Entry
from tools.spending.ledger import record_all, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Of one attempt at a tool: its row in the audit, the slot and the reservation that it held, what it cost, and what
    its event has a preview of, if it has."""

    attempt: Attempt
    slot: UUID | None = None
    reservation: UUID | None = None
    entries: tuple[Entry, ...] = ()
    whole: Whole | None = None


def settle_all(settled: Sequence[tuple[ToolCompleted, Receipt]]) -> None:
    """Within a transaction that holds the streams of all users concerned."""
    for event, receipt in settled:
        if receipt.whole is not None:
            keep(receipt.attempt.user_id, event, receipt.whole)
    give_back([receipt.slot for _, receipt in settled if receipt.slot is not None])
    settle([receipt.reservation for _, receipt in settled if receipt.reservation is not None])
    record_all([entry for _, receipt in settled for entry in receipt.entries])
    append_all([receipt.attempt for _, receipt in settled])


def settle_late(receipt: Receipt) -> None:
    """In a transaction of its own, where the event came too late to be told: the attempt was made all the same.

    Of a user who is erased nothing is kept: the key of their digests is gone.
    """
    if not _is_there(receipt.attempt.user_id):
        return
    with transaction.atomic():
        give_back([receipt.slot] if receipt.slot else [])
        settle([receipt.reservation] if receipt.reservation else [])
        record_all(receipt.entries)
    append_now(receipt.attempt)


def record_late(entries: Sequence[Entry]) -> None:
    """The same for what one user spent: it is, whoever has the run now."""
    if not all(_is_there(user_id) for user_id in {entry.user_id for entry in entries}):
        return
    with transaction.atomic():
        record_all(entries)


def _is_there(user_id: UUID) -> bool:
    return User.objects.filter(pk=user_id).exists()
