"""Budget checks before each step, and reservations. Nothing is cached: a change applies to the next step.

The cost of a model's request is known only after it, so requests under way at once may exceed the limit. A call of a
tool with a price reserves it first, and never exceeds it."""

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

ALERT_SHARE = Decimal("0.8")
EXPIRY_MARGIN = timedelta(seconds=30)
"""Added to a call's time limit, to store its end. A reservation that is older belongs to a crashed worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAlert:
    """Four fifths of a budget are spent. In US dollars; `spent` is None for a shared budget, as a user must not learn
    what others spend."""

    budget_id: int
    budget: str
    spent: Decimal | None
    limit: Decimal


class BudgetExhausted(UserError):
    """A budget that applies to the next step is used up."""

    code = "budget_exhausted"

    def __init__(self, message: Text, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.details = details


def check_budgets(user_id: UUID, run_id: UUID, *, tool: str | None) -> tuple[BudgetAlert, ...]:
    """Check the budgets before a step: a call of this tool, or with None a language model's request.

    Returns an alert for each budget of which four fifths are spent. Raises BudgetExhausted.
    """
    if not _has_enabled_budgets():
        return ()
    step = BudgetedStep(user_id=user_id, run_id=run_id, tool=tool)
    with as_user(user_id):
        balances = compute_balances(step, list(find_budgets(step)))
    for balance in balances:
        if balance.spent >= balance.budget.limit:
            _refuse_step(balance)
    return tuple(_build_alert(balance) for balance in balances if balance.spent >= balance.budget.limit * ALERT_SHARE)


def reserve_cost(user_id: UUID, run_id: UUID, *, tool: str, cost: Decimal, seconds: float) -> UUID | None:
    """Reserve the cost of a call of at most so many seconds. Return None if it costs nothing or no budget applies.

    In a short transaction of its own; `release_holds` ends the reservation. Raises BudgetExhausted if the cost is more
    than what is left of a budget, however many calls ask at the same time.
    """
    step = BudgetedStep(user_id=user_id, run_id=run_id, tool=tool)
    if not cost:
        return None
    # On PostgreSQL as_user has begun a transaction, in which a savepoint would only cost two statements.
    with as_user(user_id), transaction.atomic(savepoint=connection.vendor != "postgresql"):
        budgets = _lock_budgets(step)
        for balance in compute_balances(step, budgets):
            if balance.spent + cost > balance.budget.limit:
                _refuse_step(balance, cost)
        if not budgets:
            return None
        expires_at = datetime.now(UTC) + timedelta(seconds=seconds) + EXPIRY_MARGIN
        hold = Hold(owner_id=user_id, run_id=run_id, tool=tool, cost=cost, expires_at=expires_at)
        hold.save(force_insert=True)
        return hold.id


def _has_enabled_budgets() -> bool:
    """Plain SQL, as it is executed at every call, and most installations have no budgets."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {Budget._meta.db_table} WHERE enabled LIMIT 1")
        return cursor.fetchone() is not None


def _lock_budgets(step: BudgetedStep) -> list[Budget]:
    """Return the budgets of a step, from which nobody else can reserve money until the transaction ends.

    On SQLite a transaction has the lock of the only writer. On PostgreSQL the shared budgets are locked in the order of
    their ids, and then the user, so that two transactions cannot wait for each other.
    """
    budgets = list(find_budgets(step))
    if connection.vendor != "postgresql" or not budgets:
        return budgets
    shared = [budget.id for budget in budgets if is_shared(budget)]
    list(Budget.objects.select_for_update(no_key=True).filter(id__in=shared).order_by("id").values_list("id"))
    if not User.objects.select_for_update(no_key=True).filter(pk=step.user_id).values_list("pk").first():
        raise NotFound(text("This account no longer exists."))
    return budgets


def _build_alert(balance: BudgetBalance) -> BudgetAlert:
    budget = balance.budget
    spent = None if is_shared(budget) else balance.spent
    return BudgetAlert(budget_id=budget.pk, budget=budget.name, spent=spent, limit=budget.limit)


def _refuse_step(balance: BudgetBalance, cost: Decimal | None = None) -> NoReturn:
    now = datetime.now(UTC)
    raise BudgetExhausted(describe_exhaustion(balance, cost, now), to_details(balance, now))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredHolds:
    """Reservations that expired before `now` (aware, UTC), which no budget counts any more."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(Hold.objects.filter(expires_at__lte=self.now).count())

    def remove(self) -> Garbage:
        with transaction.atomic():
            # Reservations that are being released are left alone: nobody waits here.
            expired = Hold.objects.filter(expires_at__lte=self.now).select_for_update(skip_locked=True)
            removed, _ = Hold.objects.filter(id__in=list(expired.values_list("id", flat=True))).delete()
        return self._to_garbage(removed)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired budget reservations"), count=count)
