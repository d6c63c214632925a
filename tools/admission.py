"""Admission of a call at the moment it is made: permitted, then within budget, then within quota."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from core.context import UserExecutionContext
from core.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.i18n.text import Text
from tools.base import PolicyEffect, Tool
from tools.errors import NotPermitted, OverBudget, OverCallQuota
from tools.policy.decisions import evaluate_call
from tools.policy.rules import Quota
from tools.quota.slots import QuotaExceeded, release_slots, take_slot
from tools.spending.budgets import BudgetAlert, BudgetExhausted, check_budgets, reserve_cost
from tools.spending.ledger import release_holds


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRequest:
    """`arguments`: as the tool's input has them, in JSON; None where they do not fit it."""

    context: UserExecutionContext
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAdmission:
    """`rule` and `version` decided. `slot` and `reservation` are held until the call is settled. `approval_reason`: somebody must
    approve first. `alerts`: budgets that are nearly spent."""

    rule: str = ""
    version: int = 0
    slot: UUID | None = None
    reservation: UUID | None = None
    approval_reason: Text | None = None
    alerts: tuple[BudgetAlert, ...] = ()


AdmissionCheck = Callable[[CallRequest], Awaitable[CallAdmission]]
"""Raises ToolRefused, each kind fit for the user."""


async def admit_call(request: CallRequest, database: DatabaseExecutor | None = None) -> CallAdmission:
    """By the database, each time anew: what was changed a moment ago, wherever, counts."""
    database, user_id = database or SharedThreadExecutor(), request.context.user_id
    asked = asyncio.ensure_future(database.run(user_id, _decide_admission, request))
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        # What a thread has begun it ends, and nobody else knows of the slot that it takes.
        await asyncio.wait([asked])
        if asked.exception() is None:
            await database.run(user_id, withdraw_admission, asked.result())
        raise


def withdraw_admission(admitted: CallAdmission) -> None:
    """What was held for a call that is not made."""
    with transaction.atomic():
        release_slots([admitted.slot] if admitted.slot else [])
        release_holds([admitted.reservation] if admitted.reservation else [])


def _decide_admission(request: CallRequest) -> CallAdmission:
    mine, tool = request.context, request.tool
    decision = evaluate_call(mine.user_id, tool, request.arguments)
    if decision.effect is PolicyEffect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    try:
        warnings = check_budgets(mine.user_id, mine.run_id, tool=tool.name)
        slot = _take_slot(mine.user_id, tool, decision.quota)
    except BudgetExhausted as error:
        raise OverBudget(error.words, rule="budget") from error
    except QuotaExceeded as error:
        raise OverCallQuota(error.words, rule="quota") from error
    admitted = CallAdmission(
        rule=decision.rule,
        version=decision.version,
        slot=slot,
        approval_reason=decision.words if decision.effect is PolicyEffect.ASK else None,
        alerts=warnings,
    )
    return replace(admitted, reservation=_reserve_cost(request, admitted)) if tool.cost else admitted


def _take_slot(user_id: UUID, tool: Tool[Any], quota: Quota) -> UUID | None:
    return take_slot(user_id, tool.name, per_minute=quota.per_minute, at_once=quota.at_once, seconds=tool.seconds)


def _reserve_cost(request: CallRequest, admitted: CallAdmission) -> UUID | None:
    mine, tool = request.context, request.tool
    try:
        return reserve_cost(mine.user_id, mine.run_id, tool=tool.name, cost=tool.cost, seconds=tool.seconds)
    except BudgetExhausted as error:
        withdraw_admission(admitted)
        raise OverBudget(error.words, rule="budget") from error
