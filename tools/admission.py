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
    """`arguments` are those of the tool's input, as JSON data; None if they do not fit it."""

    context: UserExecutionContext
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CallAdmission:
    """What was decided on a call, and by which version of which rule.

    `slot` and `reservation` are released when the call is settled. `approval_reason` is set where somebody must approve
    the call first. `alerts` are for budgets that are nearly spent.
    """

    rule: str = ""
    version: int = 0
    slot: UUID | None = None
    reservation: UUID | None = None
    approval_reason: Text | None = None
    alerts: tuple[BudgetAlert, ...] = ()


AdmissionCheck = Callable[[CallRequest], Awaitable[CallAdmission]]
"""Raises ToolRefused, with a message for the user."""


async def admit_call(request: CallRequest, database: DatabaseExecutor | None = None) -> CallAdmission:
    """Decide on a call by what the database says now, so that any change counts from the next call on."""
    database, user_id = database or SharedThreadExecutor(), request.context.user_id
    deciding = asyncio.ensure_future(database.run(user_id, _decide_admission, request))
    try:
        return await asyncio.shield(deciding)
    except asyncio.CancelledError:
        # The thread finishes what it began, and nobody else knows of the slot that it takes.
        await asyncio.wait([deciding])
        if deciding.exception() is None:
            await database.run(user_id, withdraw_admission, deciding.result())
        raise


def withdraw_admission(admission: CallAdmission) -> None:
    """Release the slot and the reservation of a call that is not made."""
    with transaction.atomic():
        release_slots([admission.slot] if admission.slot else [])
        release_holds([admission.reservation] if admission.reservation else [])


def _decide_admission(request: CallRequest) -> CallAdmission:
    context, tool = request.context, request.tool
    decision = evaluate_call(context.user_id, tool, request.arguments)
    if decision.effect is PolicyEffect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    try:
        alerts = check_budgets(context.user_id, context.run_id, tool=tool.name)
        slot = _take_slot(context.user_id, tool, decision.quota)
    except BudgetExhausted as error:
        raise OverBudget(error.words, rule="budget") from error
    except QuotaExceeded as error:
        raise OverCallQuota(error.words, rule="quota") from error
    admission = CallAdmission(
        rule=decision.rule,
        version=decision.version,
        slot=slot,
        approval_reason=decision.words if decision.effect is PolicyEffect.ASK else None,
        alerts=alerts,
    )
    return replace(admission, reservation=_reserve_cost(request, admission)) if tool.cost else admission


def _take_slot(user_id: UUID, tool: Tool[Any], quota: Quota) -> UUID | None:
    return take_slot(user_id, tool.name, per_minute=quota.per_minute, at_once=quota.at_once, seconds=tool.seconds)


def _reserve_cost(request: CallRequest, admission: CallAdmission) -> UUID | None:
    context, tool = request.context, request.tool
    try:
        return reserve_cost(context.user_id, context.run_id, tool=tool.name, cost=tool.cost, seconds=tool.seconds)
    except BudgetExhausted as error:
        withdraw_admission(admission)
        raise OverBudget(error.words, rule="budget") from error
