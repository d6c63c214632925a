"""Budgets, looked at before each step. Nothing is cached: a change holds from the next step on, in runs under way too.

A step that costs what is not known before is recorded after it, so as many as are under way at once may go beyond
the limit; a tool's call with a price of its own has it set aside first, and never does.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import NoReturn
from uuid import UUID

from django.db import connection, transaction

from netra.core.exceptions import NotFound
from netra.core.models import User
from netra.core.scope import as_user
from netra.language.text import text
from tools.spending.exhausted import BudgetExhausted
from tools.spending.models import Budget, Hold
from tools.spending.standing import Standing, Step, budgets_for, shared, standings
from tools.spending.warning import Warning
from tools.spending.wording import details, words

NEAR = Decimal("0.8")
MARGIN = timedelta(seconds=30)
"""Beyond a call's own time limit, for its end to be written. Later it is taken for a crashed worker's."""


def check(user_id: UUID, run_id: UUID, *, tool: str | None) -> tuple[Warning, ...]:
    """Whether a step may be taken: a call of this tool, or with None a language model's request.

    Returns a warning for each budget of which four fifths are spent. Raises BudgetExhausted.
    """
    if not _any():
        return ()
    step = Step(user_id=user_id, run_id=run_id, tool=tool)
    with as_user(user_id):
        found = standings(step, list(budgets_for(step)))
    for each in found:
        if each.spent >= each.budget.limit:
            _refuse(each)
    return tuple(_warning(each) for each in found if each.spent >= each.budget.limit * NEAR)


def reserve(user_id: UUID, run_id: UUID, *, tool: str, cost: Decimal, seconds: float) -> UUID | None:
    """Set aside what a call of at most so many seconds is charged at; None where it costs nothing or no budget holds.

    In a short transaction of its own; `ledger.settle` lets it go. Raises BudgetExhausted where it is more than what
    is left of a budget, however many ask at the same time.
    """
    step = Step(user_id=user_id, run_id=run_id, tool=tool)
    if not cost:
        return None
    # On PostgreSQL as_user has begun a transaction: no statements for a savepoint in it.
    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):
        budgets = _locked(step)
        for each in standings(step, budgets):
            if each.spent + cost > each.budget.limit:
                _refuse(each, cost)
        if not budgets:
            return None
        expires_at = datetime.now(UTC) + timedelta(seconds=seconds) + MARGIN
        hold = Hold(owner_id=user_id, run_id=run_id, tool=tool, cost=cost, expires_at=expires_at)
        hold.save(force_insert=True)
        return hold.id


def _any() -> bool:
    """Plain SQL: every call of every run asks this, and most installations have no budgets."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {Budget._meta.db_table} WHERE enabled LIMIT 1")
        return cursor.fetchone() is not None


def _locked(step: Step) -> list[Budget]:
    """The budgets of a step, with nobody else setting money aside from them until the end of the transaction.

    On SQLite the transaction has begun with the only writer's lock. Otherwise first the budgets that are shared, in
    the order of their ids, then the user: so two cannot wait for each other.
    """
    budgets = list(budgets_for(step))
    if connection.vendor != "postgresql" or not budgets:
        return budgets
    together = [each.id for each in budgets if shared(each)]
    list(Budget.objects.select_for_update(no_key=True).filter(id__in=together).order_by("id").values_list("id"))
    if not User.objects.select_for_update(no_key=True).filter(pk=step.user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))
    return budgets


def _warning(standing: Standing) -> Warning:
    budget = standing.budget
    spent = None if shared(budget) else standing.spent
    return Warning(budget_id=budget.pk, budget=budget.name, spent=spent, limit=budget.limit)


def _refuse(standing: Standing, cost: Decimal | None = None) -> NoReturn:
    now = datetime.now(UTC)
    raise BudgetExhausted(words(standing, cost, now), details(standing, now))
