"""The journal of operators' calls: audited for the user they are about, and published in the operator's run if any."""

import asyncio
from dataclasses import dataclass

from django.db import transaction

from core.concurrency.database_threads import DatabaseExecutor
from core.context import ConnectionContext, UserExecutionContext
from core.events import Emitter
from tools.audit.record import commit_attempt
from tools.calls import DispatchedCall, EndedCall, Settlement
from tools.quota.slots import release_slots
from tools.spending.budgets import BudgetAlert


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditJournal:
    """`context` is the operator's. Without a recorder or outside a run, calls are audited only."""

    context: ConnectionContext
    recorder: Emitter | None
    database: DatabaseExecutor

    async def begin(self, call: DispatchedCall) -> None:
        if self.recorder is not None and isinstance(self.context, UserExecutionContext):
            await self.recorder.emit(call.build_event(self.context))

    async def warn(self, call: DispatchedCall, alerts: tuple[BudgetAlert, ...]) -> None:
        """Do nothing: operators' calls cost nothing."""

    async def end(self, ended: EndedCall) -> None:
        """Audit the call and publish its end, in this order: whatever is published has been audited."""
        settling = self.database.run(self.context.user_id, _settle_call, ended.settlement)
        await asyncio.shield(asyncio.ensure_future(settling))  # also if the task is cancelled: the call was made
        if self.recorder is not None and isinstance(self.context, UserExecutionContext):
            await self.recorder.emit(ended.build_event(self.context))


def _settle_call(settlement: Settlement) -> None:
    with transaction.atomic():
        release_slots([settlement.slot] if settlement.slot else [])
    commit_attempt(settlement.attempt)
