"""Limits of a shadow: side-effect-free tools at no cost, a budget of its own, and a recorder that discards events."""

from dataclasses import dataclass
from decimal import Decimal

from asgiref.sync import sync_to_async

from agents.run_writer import StepRecord
from core.events import AgentCompleted, AgentError, AgentEvent, ToolCompleted
from core.i18n.text import text
from tools.admission import CallAdmission, CallRequest
from tools.base import PolicyEffect, SideEffects
from tools.calls import Settlement
from tools.errors import NotPermitted, OverCallQuota
from tools.policy.decisions import evaluate_call
from tools.spending.budgets import BudgetExhausted
from tools.spending.ledger import SpendEntry

MAX_CALLS = 50  # of one agent in one shadow
SHADOW_RULE = "shadow"
MAX_MODEL_REQUESTS = 12  # of one agent in one shadow; the model's price may be unknown
MAX_DOLLARS = Decimal("0.10")


@dataclass(slots=True)
class ShadowAdmission:
    """The admission of one shadow. It counts its own calls and uses none of the user's quotas and budgets."""

    calls: int = 0

    async def __call__(self, request: CallRequest) -> CallAdmission:
        tool = request.tool
        if tool.side_effects is not SideEffects.NONE:
            raise NotPermitted(
                text("{tool} changes something: a shadow does not call it.", tool=tool.title), rule=SHADOW_RULE
            )
        if tool.cost:
            raise NotPermitted(
                text("{tool} costs money: a shadow does not call it.", tool=tool.title), rule=SHADOW_RULE
            )
        if self.calls >= MAX_CALLS:
            raise OverCallQuota(text("A shadow makes {calls} calls at most.", calls=MAX_CALLS), rule=SHADOW_RULE)
        self.calls += 1
        decision = await sync_to_async(evaluate_call)(request.context.user_id, tool, request.arguments)
        if decision.effect is not PolicyEffect.ALLOW:
            raise NotPermitted(decision.reason, rule=decision.rule, version=decision.version)
        return CallAdmission(rule=decision.rule, version=decision.version)


@dataclass(slots=True)
class DiscardingRecorder:
    """The recorder of one shadow. Nothing reaches a stream, an audit or a user's budget. `spent` is in US dollars."""

    requests: int = 0
    spent: Decimal = Decimal(0)

    async def emit(self, event: AgentEvent) -> None:
        """Discard the event."""

    async def settle(self, event: ToolCompleted, settlement: Settlement) -> None:
        """Discard the event. ShadowAdmission takes no slot and reserves no money, so nothing has to be released."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Discard the event and the step: no agent uses a shadow's output."""

    async def spend(self, entry: SpendEntry) -> None:
        """Raises BudgetExhausted at the request that exceeds the limits of one shadow."""
        self.requests += 1
        self.spent += entry.cost or Decimal(0)
        if self.requests >= MAX_MODEL_REQUESTS or self.spent > MAX_DOLLARS:
            raise BudgetExhausted(text("What a shadow may cost is spent."), {"budget": "shadow"})
