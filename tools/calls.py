"""One call of a tool from its start to its completion: the events that report it, and its settlement, which is stored
in the transaction of its tool_completed."""

import json
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Protocol

from pydantic import JsonValue

from core.concurrency.database_threads import DatabaseExecutor
from core.context import UserExecutionContext
from core.events import BudgetWarning, Emitter, ToolCompleted, ToolExecuting, build_agent_fields
from core.i18n.language import match_language
from core.stream.prepared_json import PreparedJson, PreparedToolCompleted
from tools.admission import CallAdmission, CallSubject
from tools.audit.attempts import CallAttempt, CallOutcome
from tools.errors import ToolFailed, ToolRefused, ToolTimeout
from tools.execution import shorten_arguments
from tools.repeats import refuse_repetition
from tools.results import FullResult
from tools.settlements import Settlement
from tools.spending.budgets import BudgetAlert
from tools.spending.dollars import format_usd
from tools.spending.ledger import SpendEntry


@dataclass(slots=True)
class AlertedBudgets:
    """The budgets of which a run's user has been warned, so that no warning appears twice. One per attempt at a run."""

    budget_ids: set[int] = field(default_factory=set)

    def add_new(self, alerts: tuple[BudgetAlert, ...]) -> tuple[BudgetAlert, ...]:
        """Add the alerts whose budgets are not here yet, and return these."""
        new = tuple(alert for alert in alerts if alert.budget_id not in self.budget_ids)
        self.budget_ids.update(alert.budget_id for alert in new)
        return new


def to_budget_warning(alert: BudgetAlert, context: UserExecutionContext, agent: str) -> BudgetWarning:
    return BudgetWarning(
        **build_agent_fields(context, agent),
        budget=alert.budget,
        spent=None if alert.spent is None else format_usd(alert.spent),
        limit=format_usd(alert.limit),
    )


class CallRecorder(Emitter, Protocol):
    """An emitter that can also store the settlement of a call with its event."""

    async def settle(self, event: ToolCompleted, settlement: Settlement) -> None:
        """Take the event as `emit` does, with the settlement that is stored in the same transaction."""

    async def spend(self, entry: SpendEntry) -> None:
        """Take the cost of a step that has no event of its own."""

    async def flush(self) -> None:
        """Wait until everything that was taken is stored. Raises RunLost if it was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallCompletion:
    """The end of a call. `audited` is the JSON text of the tool's whole answer and `user_view` what the user sees of
    it, also `prepared`; `code` and `error` say why the call did not succeed."""

    outcome: CallOutcome
    audited: str | None = None
    user_view: JsonValue = None
    full_result: FullResult | None = None
    prepared: PreparedJson | None = None
    code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DispatchedCall:
    """A call that begins. `arguments` are the requested ones, as JSON data. `cost` is due once it is made."""

    agent: str
    tool: str
    title: str
    cost: Decimal
    call_id: str
    arguments: JsonValue
    started_at: float = field(default_factory=time.monotonic)

    def build_event(self, context: UserExecutionContext) -> ToolExecuting:
        return ToolExecuting(
            **build_agent_fields(context, self.agent),
            call_id=self.call_id,
            tool=self.tool,
            title=match_language(context.locale).translate(self.title),
            arguments=shorten_arguments(self.arguments),
        )

    def end(self, completion: CallCompletion, admission: CallAdmission, subject: CallSubject) -> "EndedCall":
        attempt = CallAttempt(
            user_id=subject.user_id,
            actor_id=subject.actor_id,
            run_id=subject.run_id,
            agent=self.agent,
            tool=self.tool,
            arguments=to_canonical_json(self.arguments),
            result=completion.audited,
            rule=admission.rule,
            rule_version=admission.version,
            outcome=completion.outcome,
            code=completion.code or "",
            duration_ms=round((time.monotonic() - self.started_at) * 1000, 3),
            cost=Decimal(0) if completion.outcome == "refused" else self.cost,
            at=datetime.now(UTC),
        )
        settlement = Settlement(
            attempt=attempt,
            slot=admission.slot,
            reservation=admission.reservation,
            full_result=completion.full_result,
        )
        return EndedCall(call=self, completion=completion, settlement=settlement)


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedCall:
    """A call that has ended, with its settlement."""

    call: DispatchedCall
    completion: CallCompletion
    settlement: Settlement

    def build_event(self, context: UserExecutionContext) -> ToolCompleted:
        completion = self.completion
        error = completion.error
        fields: dict[str, Any] = {
            **build_agent_fields(context, self.call.agent),
            "call_id": self.call.call_id,
            "tool": self.call.tool,
            "outcome": completion.outcome,
            "code": completion.code,
            "result": completion.user_view,
            "truncated": completion.full_result is not None,
            "error": None if error is None else match_language(context.locale).translate(error),
            "duration_ms": self.settlement.attempt.duration_ms,
        }
        if completion.prepared is None:
            return ToolCompleted(**fields)
        # With its time: to make the default, pydantic inspects the signature of what makes it, each time.
        return PreparedToolCompleted.model_construct(
            **fields, prepared=completion.prepared, at=self.settlement.attempt.at
        )


class CallJournal(Protocol):
    """Publishes calls and stores their settlements."""

    async def begin(self, call: DispatchedCall) -> None:
        """Publish that a call begins."""

    async def warn(self, call: DispatchedCall, alerts: tuple[BudgetAlert, ...]) -> None:
        """Publish that budgets are nearly spent."""

    async def ensure_first(self, call: DispatchedCall) -> None:
        """Wait until the start of a call is stored. Raises NotRepeated if it was begun before, in a lost attempt."""

    async def end(self, ended: EndedCall) -> None:
        """Publish the end of a call and store its settlement."""

    async def flush(self) -> None:
        """Wait until all settlements are stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunJournal:
    """Publishes the calls in their run's stream, each settlement in the transaction of its tool_completed."""

    context: UserExecutionContext
    recorder: CallRecorder
    alerted_budgets: AlertedBudgets
    database: DatabaseExecutor

    async def begin(self, call: DispatchedCall) -> None:
        await self.recorder.emit(call.build_event(self.context))

    async def warn(self, call: DispatchedCall, alerts: tuple[BudgetAlert, ...]) -> None:
        for alert in self.alerted_budgets.add_new(alerts):
            await self.recorder.emit(to_budget_warning(alert, self.context, call.agent))

    async def ensure_first(self, call: DispatchedCall) -> None:
        await self.recorder.flush()
        shown = shorten_arguments(call.arguments)
        await self.database.run(self.context.user_id, refuse_repetition, self.context, call.tool, call.title, shown)

    async def end(self, ended: EndedCall) -> None:
        settlement = replace(ended.settlement, entries=self._build_entries(ended.settlement.attempt))
        await self.recorder.settle(ended.build_event(self.context), settlement)

    async def flush(self) -> None:
        await self.recorder.flush()

    def _build_entries(self, attempt: CallAttempt) -> tuple[SpendEntry, ...]:
        if not attempt.cost:
            return ()
        user_id, run_id = self.context.user_id, self.context.run_id
        return (
            SpendEntry(
                user_id=user_id, run_id=run_id, kind="tool", name=attempt.tool, cost=attempt.cost, at=attempt.at
            ),
        )


def to_canonical_json(data: JsonValue) -> str:
    """Return the same text for equal data, as digests are made of it."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def describe_error(error: ToolRefused | ToolFailed) -> CallCompletion:
    """Return the end of a call that was refused or failed."""
    if isinstance(error, ToolRefused):
        return CallCompletion(outcome="refused", code=error.code, error=str(error))
    outcome: CallOutcome = "timeout" if isinstance(error, ToolTimeout) else "failed"
    return CallCompletion(outcome=outcome, code=error.code, error=str(error))
