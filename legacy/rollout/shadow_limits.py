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


@dataclass(slots=True)
class ShadowAdmission:
    """Of one shadow. The user's quotas and budgets are theirs: it takes nothing of them, and counts its own calls."""

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


MAX_MODEL_REQUESTS = 12  # to a language model, of one agent in one shadow; their price may not be known
MAX_DOLLARS = Decimal("0.10")


@dataclass(slots=True)
class DiscardingRecorder:
    """Of one shadow: nothing that it is told reaches a stream, an audit or a user's budget. `spent` in US dollars."""

    requests: int = 0
    spent: Decimal = Decimal(0)

    async def emit(self, event: AgentEvent) -> None:
        """Not told."""

    async def settle(self, event: ToolCompleted, receipt: Settlement) -> None:
        """Not told; the gate of a shadow takes no slot and reserves no money, so there is none to give back."""

    async def record(self, event: AgentCompleted | AgentError, step: StepRecord | None = None) -> None:
        """Not told: a shadow hands nothing on."""

    async def spend(self, entry: SpendEntry) -> None:
        """Raises BudgetExhausted with the request that goes beyond what one shadow may cost."""
        self.requests += 1
        self.spent += entry.cost or Decimal(0)
        if self.requests >= MAX_MODEL_REQUESTS or self.spent > MAX_DOLLARS:
            raise BudgetExhausted(text("What a shadow may cost is spent."), {"budget": "shadow"})
