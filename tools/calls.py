"""One call of a tool from its start to its completion: the events that report it, and the settlement
(audit row, quota slot, reservation, cost) that is stored in the transaction of its tool_completed."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.db import transaction
from pydantic import JsonValue

from core.context import UserExecutionContext
from core.events import BudgetWarning, Emitter, ToolCompleted, ToolExecuting, build_agent_fields
from core.i18n.language import match_language
from core.json_data import truncate_json
from core.models import User
from tools.admission import CallAdmission
from tools.audit.attempts import CallAttempt, CallOutcome
from tools.audit.record import append_attempts, commit_attempt
from tools.quota.slots import release_slots
from tools.results import FullResult, save_result
from tools.spending.budgets import BudgetAlert
from tools.spending.dollars import format_usd
from tools.spending.ledger import SpendEntry, record_entries, release_holds


@dataclass(slots=True)
class AlertedBudgets:
    """The budgets that a run's user was warned of, so that each is told once; one per attempt at a run."""

    budget_ids: set[int] = field(default_factory=set)

    def add_new(self, warnings: tuple[BudgetAlert, ...]) -> tuple[BudgetAlert, ...]:
        """Those not told yet; they are told from now on."""
        found = tuple(each for each in warnings if each.budget_id not in self.budget_ids)
        self.budget_ids.update(each.budget_id for each in found)
        return found


def to_budget_warning(warning: BudgetAlert, context: UserExecutionContext, agent: str) -> BudgetWarning:
    return BudgetWarning(
        **build_agent_fields(context, agent),
        budget=warning.budget,
        spent=None if warning.spent is None else format_usd(warning.spent),
        limit=format_usd(warning.limit),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """Of one attempt at a tool: its row in the audit, the slot and the reservation that it held, what it cost, and what
    its event has a preview of, if it has."""

    attempt: CallAttempt
    slot: UUID | None = None
    reservation: UUID | None = None
    entries: tuple[SpendEntry, ...] = ()
    full_result: FullResult | None = None


def settle_calls(settled: Sequence[tuple[ToolCompleted, Settlement]]) -> None:
    """Within a transaction that holds the streams of all users concerned."""
    for event, receipt in settled:
        if receipt.full_result is not None:
            save_result(receipt.attempt.user_id, event, receipt.full_result)
    release_slots([receipt.slot for _, receipt in settled if receipt.slot is not None])
    release_holds([receipt.reservation for _, receipt in settled if receipt.reservation is not None])
    record_entries([entry for _, receipt in settled for entry in receipt.entries])
    append_attempts([receipt.attempt for _, receipt in settled])


def settle_late_call(receipt: Settlement) -> None:
    """In a transaction of its own, where the event came too late to be told: the attempt was made all the same.

    Of a user who is erased nothing is kept: the key of their digests is gone.
    """
    if not _has_user(receipt.attempt.user_id):
        return
    with transaction.atomic():
        release_slots([receipt.slot] if receipt.slot else [])
        release_holds([receipt.reservation] if receipt.reservation else [])
        record_entries(receipt.entries)
    commit_attempt(receipt.attempt)


def record_late_spend(entries: Sequence[SpendEntry]) -> None:
    """The same for what one user spent: it is, whoever has the run now."""
    if not all(_has_user(user_id) for user_id in {entry.user_id for entry in entries}):
        return
    with transaction.atomic():
        record_entries(entries)


def _has_user(user_id: UUID) -> bool:
    return User.objects.filter(pk=user_id).exists()


class CallRecorder(Emitter, Protocol):
    """An emitter that can also settle what a call leaves behind."""

    async def settle(self, event: ToolCompleted, receipt: Settlement) -> None:
        """Take the event as `emit` does, with what is stored in the same transaction."""

    async def spend(self, entry: SpendEntry) -> None:
        """Take what a step cost that no event of its own tells of."""


MAX_ARGUMENT_BYTES = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCompletion:
    """How it ended. `data`: all that it answered; `user_view`: what is told of it; `code` and `error`: what was wrong."""

    outcome: CallOutcome
    data: JsonValue = None
    user_view: JsonValue = None
    full_result: FullResult | None = None
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchedCall:
    """`arguments` are those that were asked for, as JSON data. `cost` is due once the call is made."""

    recorder: CallRecorder
    context: UserExecutionContext
    agent: str
    tool: str
    title: str
    cost: Decimal
    call_id: str
    arguments: JsonValue
    started_at: float = field(default_factory=time.monotonic)

    async def begin(self) -> None:
        shown, _ = truncate_json(self.arguments, MAX_ARGUMENT_BYTES)
        event = ToolExecuting(
            **build_agent_fields(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            title=match_language(self.context.locale).translate(self.title),
            arguments=shown,
        )
        await self.recorder.emit(event)

    async def end(self, ended: CallCompletion, admitted: CallAdmission) -> None:
        duration = round((time.monotonic() - self.started_at) * 1000, 3)
        event = ToolCompleted(
            **build_agent_fields(self.context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            outcome=ended.outcome,
            code=ended.code,
            result=ended.user_view,
            truncated=ended.full_result is not None,
            error=None if ended.error is None else match_language(self.context.locale).translate(ended.error),
            duration_ms=duration,
        )
        await self.recorder.settle(event, self._build_settlement(ended, admitted, duration))

    def _build_settlement(self, ended: CallCompletion, admitted: CallAdmission, duration: float) -> Settlement:
        now, mine = datetime.now(UTC), self.context
        cost = Decimal(0) if ended.outcome == "refused" else self.cost
        attempt = CallAttempt(
            user_id=mine.user_id,
            actor_id=None,
            run_id=mine.run_id,
            agent=self.agent,
            tool=self.tool,
            arguments=to_canonical_json(self.arguments),
            result=None if ended.data is None else to_canonical_json(ended.data),
            rule=admitted.rule,
            rule_version=admitted.version,
            outcome=ended.outcome,
            code=ended.code or "",
            duration_ms=duration,
            cost=cost,
            at=now,
        )
        return Settlement(
            attempt=attempt,
            slot=admitted.slot,
            reservation=admitted.reservation,
            entries=self._build_entries(cost, now),
            full_result=ended.full_result,
        )

    def _build_entries(self, cost: Decimal, now: datetime) -> tuple[SpendEntry, ...]:
        if not cost:
            return ()
        mine = self.context
        return (SpendEntry(user_id=mine.user_id, run_id=mine.run_id, kind="tool", name=self.tool, cost=cost, at=now),)


def to_canonical_json(data: JsonValue) -> str:
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
