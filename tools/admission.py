"""Whether a call may be made, asked at the moment of the call: permitted ▶ within budget ▶ within quota."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import transaction

from netra.core.context import UserExecutionContext
from netra.core.databasework import DatabaseWork, SharedThread
from netra.language.text import Text
from tools.base import Effect, Tool
from tools.policy.deciding import decide
from tools.policy.decision import Quota
from tools.quota.exceeded import QuotaExceeded
from tools.quota.slots import give_back, take
from tools.refusals import NotPermitted, OverBudget, OverQuota
from tools.spending.budgets import check, reserve
from tools.spending.exhausted import BudgetExhausted
from tools.spending.ledger import settle
from tools.spending.warning import Warning


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`arguments`: as the tool's input has them, in JSON; None where they do not fit it."""

    context: UserExecutionContext
    tool: Tool[Any]
    arguments: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """`rule` and `version` decided. `slot` and `reservation` are held until the call is settled. `ask`: somebody must
    approve first. `warnings`: budgets that are nearly spent."""

    rule: str = ""
    version: int = 0
    slot: UUID | None = None
    reservation: UUID | None = None
    ask: Text | None = None
    warnings: tuple[Warning, ...] = ()


Admit = Callable[[Request], Awaitable[Admitted]]
"""Raises ToolRefused, each kind fit for the user."""


async def admit(request: Request, database: DatabaseWork | None = None) -> Admitted:
    """By the database, each time anew: what was changed a moment ago, wherever, counts."""
    database, user_id = database or SharedThread(), request.context.user_id
    asked = asyncio.ensure_future(database.run(user_id, _admit, request))
    try:
        return await asyncio.shield(asked)
    except asyncio.CancelledError:
        # What a thread has begun it ends, and nobody else knows of the slot that it takes.
        await asyncio.wait([asked])
        if asked.exception() is None:
            await database.run(user_id, withdraw, asked.result())
        raise


def withdraw(admitted: Admitted) -> None:
    """What was held for a call that is not made."""
    with transaction.atomic():
        give_back([admitted.slot] if admitted.slot else [])
        settle([admitted.reservation] if admitted.reservation else [])


def _admit(request: Request) -> Admitted:
    mine, tool = request.context, request.tool
    decision = decide(mine.user_id, tool, request.arguments)
    if decision.effect is Effect.DENY:
        raise NotPermitted(decision.words, rule=decision.rule, version=decision.version)
    try:
        warnings = check(mine.user_id, mine.run_id, tool=tool.name)
        slot = _slot(mine.user_id, tool, decision.quota)
    except BudgetExhausted as error:
        raise OverBudget(error.words, rule="budget") from error
    except QuotaExceeded as error:
        raise OverQuota(error.words, rule="quota") from error
    admitted = Admitted(
        rule=decision.rule,
        version=decision.version,
        slot=slot,
        ask=decision.words if decision.effect is Effect.ASK else None,
        warnings=warnings,
    )
    return replace(admitted, reservation=_reservation(request, admitted)) if tool.cost else admitted


def _slot(user_id: UUID, tool: Tool[Any], quota: Quota) -> UUID | None:
    return take(user_id, tool.name, per_minute=quota.per_minute, at_once=quota.at_once, seconds=tool.seconds)


def _reservation(request: Request, admitted: Admitted) -> UUID | None:
    mine, tool = request.context, request.tool
    try:
        return reserve(mine.user_id, mine.run_id, tool=tool.name, cost=tool.cost, seconds=tool.seconds)
    except BudgetExhausted as error:
        withdraw(admitted)
        raise OverBudget(error.words, rule="budget") from error
