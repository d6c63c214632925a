"""Budget checks before each step, reservations, and the messages of an exhausted budget. Nothing is cached: a change
applies to the next step.

The cost of a model's request is known only after it, so requests under way at once may exceed the limit. A call of a
tool with a price reserves it first, and never exceeds it. The messages of a shared budget do not say what others have
spent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, NoReturn
from uuid import UUID

from django.db import connection

from core.db import as_all_users, as_user
from core.exceptions import NotFound, UserError
from core.i18n.text import FormattedNumber, Text, join_texts, text
from core.models import User
from core.retention import Garbage
from tools.spending.balances import (
    BudgetBalance,
    BudgetedStep,
    compute_balances,
    find_budgets,
    get_next_period_start,
    is_shared,
)
from tools.spending.dollars import format_usd
from tools.spending.models import Budget, BudgetPeriod, Hold

ALERT_SHARE = Decimal("0.8")
EXPIRY_MARGIN = timedelta(seconds=30)
"""Added to a call's time limit, to store its end. A reservation that is older belongs to a crashed worker."""

MONTH_NAMES: tuple[Text, ...] = (
    text("January"),
    text("February"),
    text("March"),
    text("April"),
    text("May"),
    text("June"),
    text("July"),
    text("August"),
    text("September"),
    text("October"),
    text("November"),
    text("December"),
)


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
    with as_user(user_id, atomic=True):
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
    raise BudgetExhausted(describe_exhaustion(balance, cost, now), _to_details(balance, now))


def describe_exhaustion(balance: BudgetBalance, cost: Decimal | None, now: datetime) -> Text:
    """Describe why a step is refused. `cost` is that of a call for which too little is left."""
    budget, next_period = balance.budget, _describe_next_period(balance.budget.period, now)
    if cost is None or balance.spent >= budget.limit:
        return join_texts(" ", (_describe_exhausted(balance), next_period))
    return join_texts(" ", (_describe_shortfall(balance, cost), next_period))


def _describe_exhausted(balance: BudgetBalance) -> Text:
    if is_shared(balance.budget):
        return text("{budget}, shared with other users, is used up.", budget=_describe_budget(balance.budget))
    return text(
        "{budget} is used up: ${spent} spent.",
        budget=_describe_budget(balance.budget),
        spent=_format_figure(balance.spent),
    )


def _describe_shortfall(balance: BudgetBalance, cost: Decimal) -> Text:
    if is_shared(balance.budget):
        return text(
            "{budget}, shared with other users, does not have enough left for this call (${cost}).",
            budget=_describe_budget(balance.budget),
            cost=_format_figure(cost),
        )
    return text(
        "{budget} has ${left} left, which is not enough for this call (${cost}).",
        budget=_describe_budget(balance.budget),
        cost=_format_figure(cost),
        left=_format_figure(balance.budget.limit - balance.spent),
    )


def _describe_budget(budget: Budget) -> Text:
    name, limit, tool = budget.name, _format_figure(budget.limit), budget.tool
    if budget.period == BudgetPeriod.RUN:
        if tool:
            return text("Per-run budget “{name}” for {tool} (${limit})", name=name, limit=limit, tool=tool)
        return text("Per-run budget “{name}” (${limit})", name=name, limit=limit)
    if budget.period == BudgetPeriod.DAY:
        if tool:
            return text("Daily budget “{name}” for {tool} (${limit})", name=name, limit=limit, tool=tool)
        return text("Daily budget “{name}” (${limit})", name=name, limit=limit)
    if tool:
        return text("Monthly budget “{name}” for {tool} (${limit})", name=name, limit=limit, tool=tool)
    return text("Monthly budget “{name}” (${limit})", name=name, limit=limit)


def _format_figure(amount: Decimal) -> FormattedNumber:
    return FormattedNumber(format_usd(amount))


def _to_details(balance: BudgetBalance, now: datetime) -> Mapping[str, Any]:
    budget = balance.budget
    opens = get_next_period_start(budget.period, now)
    return {
        "budget": budget.name,
        "limit": format_usd(budget.limit),
        "spent": None if is_shared(budget) else format_usd(balance.spent),
        "currency": "USD",
        "opens_at": opens.isoformat() if opens else None,
    }


def _describe_next_period(period: str, now: datetime) -> Text:
    opens = get_next_period_start(period, now)
    if opens is None:
        return text("It resets with your next question.")
    return text(
        "It resets on {day} {month} {year} at 00:00 UTC.",
        day=opens.day,
        month=MONTH_NAMES[opens.month - 1],
        year=opens.year,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredHolds:
    """Reservations that expired before `now` (aware, UTC), which no budget counts any more."""

    now: datetime

    @as_all_users()
    def find(self) -> Garbage:
        return self._to_garbage(Hold.objects.filter(expires_at__lte=self.now).count())

    def remove(self) -> Garbage:
        with as_all_users(atomic=True):
            # Reservations that are being released are left alone: nobody waits here.
            expired = Hold.objects.filter(expires_at__lte=self.now).select_for_update(skip_locked=True)
            removed, _ = Hold.objects.filter(id__in=list(expired.values_list("id", flat=True))).delete()
        return self._to_garbage(removed)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired budget reservations"), count=count)
