"""Budget checks before each step, and reservations. Nothing is cached: a change holds from the next step on.

A step whose cost is not known before is recorded after it, so those under way at once may exceed the limit; a tool's
call with a price of its own reserves it first, and never does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection, transaction

from core.db import as_user
from core.exceptions import NotFound, UserError
from core.i18n.text import Text, text
from core.models import User
from core.retention import Garbage
from tools.spending.balances import BudgetBalance, BudgetedStep, compute_balances, find_budgets, is_shared
from tools.spending.messages import describe_exhaustion, to_details
from tools.spending.models import Budget, Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlert:
    """Four fifths of a budget are spent. US dollars; `spent` is None for a budget that several users share: what the
    others spend is not this user's to know."""

    budget_id: int
    budget: str
    spent: Decimal | None
    limit: Decimal


class BudgetExhausted(UserError):
    """A budget that holds for the next step is used up."""

    code = "budget_exhausted"

    def __init__(self, words: Text, details: Mapping[str, Any]) -> None:
        super().__init__(words)
        self.details = details


ALERT_SHARE = Decimal("0.8")
EXPIRY_MARGIN = timedelta(seconds=30)
"""Beyond a call's own time limit, for its end to be written. Later it is taken for a crashed worker's."""


def check_budgets(user_id: UUID, run_id: UUID, *, tool: str | None) -> tuple[BudgetAlert, ...]:
    """Whether a step may be taken: a call of this tool, or with None a language model's request.

    Returns a warning for each budget of which four fifths are spent. Raises BudgetExhausted.
    """
    if not _has_enabled_budgets():
        return ()
    step = BudgetedStep(user_id=user_id, run_id=run_id, tool=tool)
    with as_user(user_id):
        found = compute_balances(step, list(find_budgets(step)))
    for each in found:
        if each.spent >= each.budget.limit:
            _refuse_step(each)
    return tuple(_build_alert(each) for each in found if each.spent >= each.budget.limit * ALERT_SHARE)


def reserve_cost(user_id: UUID, run_id: UUID, *, tool: str, cost: Decimal, seconds: float) -> UUID | None:
    """Set aside what a call of at most so many seconds is charged at; None where it costs nothing or no budget holds.

    In a short transaction of its own; `ledger.settle` lets it go. Raises BudgetExhausted where it is more than what
    is left of a budget, however many ask at the same time.
    """
    step = BudgetedStep(user_id=user_id, run_id=run_id, tool=tool)
    if not cost:
        return None
    # On PostgreSQL as_user has begun a transaction: no statements for a savepoint in it.
    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):
        budgets = _lock_budgets(step)
        for each in compute_balances(step, budgets):
            if each.spent + cost > each.budget.limit:
                _refuse_step(each, cost)
        if not budgets:
            return None
        expires_at = datetime.now(UTC) + timedelta(seconds=seconds) + EXPIRY_MARGIN
        hold = Hold(owner_id=user_id, run_id=run_id, tool=tool, cost=cost, expires_at=expires_at)
        hold.save(force_insert=True)
        return hold.id


def _has_enabled_budgets() -> bool:
    """Plain SQL: every call of every run asks this, and most installations have no budgets."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {Budget._meta.db_table} WHERE enabled LIMIT 1")
        return cursor.fetchone() is not None


def _lock_budgets(step: BudgetedStep) -> list[Budget]:
    """The budgets of a step, with nobody else setting money aside from them until the end of the transaction.

    On SQLite the transaction has begun with the only writer's lock. Otherwise first the budgets that are shared, in
    the order of their ids, then the user: so two cannot wait for each other.
    """
    budgets = list(find_budgets(step))
    if connection.vendor != "postgresql" or not budgets:
        return budgets
    together = [each.id for each in budgets if is_shared(each)]
    list(Budget.objects.select_for_update(no_key=True).filter(id__in=together).order_by("id").values_list("id"))
    if not User.objects.select_for_update(no_key=True).filter(pk=step.user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))
    return budgets


def _build_alert(standing: BudgetBalance) -> BudgetAlert:
    budget = standing.budget
    spent = None if is_shared(budget) else standing.spent
    return BudgetAlert(budget_id=budget.pk, budget=budget.name, spent=spent, limit=budget.limit)


def _refuse_step(standing: BudgetBalance, cost: Decimal | None = None) -> NoReturn:
    now = datetime.now(UTC)
    raise BudgetExhausted(describe_exhaustion(standing, cost, now), to_details(standing, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredHolds:
    """Expired before `now` (aware, UTC); they hold nothing any more."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(Hold.objects.filter(expires_at__lte=self.now).count())

    def remove(self) -> Garbage:
        with transaction.atomic():
            # What somebody settles at this moment goes with that; nobody waits here.
            past = Hold.objects.filter(expires_at__lte=self.now).select_for_update(skip_locked=True)
            removed, _ = Hold.objects.filter(id__in=list(past.values_list("id", flat=True))).delete()
        return self._to_garbage(removed)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired reservations of money"), count=count)
