"""The budgets that apply to a step, the period that each counts, and what is spent of it."""

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery, Sum, Value

from core.db import as_all_users
from core.models import User
from tools.spending.models import Budget, BudgetPeriod, DaySpend, Hold, Spend, SpendKind


def get_day_start(at: datetime) -> datetime:
    """Return the first moment of a UTC day."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def get_period_start(period: str, now: datetime) -> datetime:
    """Return the first moment of the present day or month. `now` is UTC."""
    return get_day_start(now).replace(day=1) if period == BudgetPeriod.MONTH else get_day_start(now)


def get_next_period_start(period: str, now: datetime) -> datetime | None:
    """Return when the next period begins, or None for a budget of each run."""
    if period == BudgetPeriod.RUN:
        return None
    if period == BudgetPeriod.DAY:
        return get_day_start(now) + timedelta(days=1)
    return (get_period_start(period, now) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetedStep:
    """The next step of a run: a call of a tool, or, without one, a language model's request."""

    user_id: UUID
    run_id: UUID
    tool: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetBalance:
    """A budget and what is spent of it in its present period, including reservations for calls under way."""

    budget: Budget
    spent: Decimal


def find_budgets(step: BudgetedStep) -> QuerySet[Budget]:
    """Return the budgets that apply to a step, in the order of their ids, in which they are locked."""
    groups = User.groups.through.objects.filter(user_id=step.user_id).values("group_id")
    # Budgets with neither a user nor a group are for everyone.
    spender = Q(user=None, group=None) | Q(user_id=step.user_id) | Q(group_id__in=groups)
    scope = Q(tool="") if step.tool is None else Q(tool="") | Q(tool=step.tool)
    return Budget.objects.filter(spender, scope, enabled=True).order_by("id")


def compute_balances(step: BudgetedStep, budgets: Sequence[Budget]) -> tuple[BudgetBalance, ...]:
    now = datetime.now(UTC)
    return tuple(BudgetBalance(budget=budget, spent=_sum_spending(budget, step, now)) for budget in budgets)


def is_shared(budget: Budget) -> bool:
    """Whether others spend from the same budget."""
    return budget.together and budget.user_id is None and budget.period != BudgetPeriod.RUN


def _sum_spending(budget: Budget, step: BudgetedStep, now: datetime) -> Decimal:
    """Sum spending and reservations. In one statement, so that a call that ends meanwhile is counted once."""
    owner = _build_owner_filter(budget, step)
    holds = Hold.objects.filter(owner, expires_at__gt=now)
    if budget.period == BudgetPeriod.RUN:
        spending: QuerySet[Spend] | QuerySet[DaySpend] = Spend.objects.filter(owner, run_id=step.run_id)
        holds = holds.filter(run_id=step.run_id)
    else:
        spending = DaySpend.objects.filter(owner, day__gte=get_period_start(budget.period, now))
    if budget.tool:
        spending, holds = spending.filter(kind=SpendKind.TOOL, name=budget.tool), holds.filter(tool=budget.tool)
    with as_all_users() if is_shared(budget) else nullcontext():
        sums = Budget.objects.filter(pk=budget.pk).values_list(_build_sum(spending), _build_sum(holds)).first()
    return sum((amount for amount in sums or () if amount is not None), Decimal(0))


def _build_owner_filter(budget: Budget, step: BudgetedStep) -> Q:
    """Return the condition on the owners whose spending counts: for a shared budget, all who share it."""
    if not is_shared(budget):
        return Q(owner_id=step.user_id)
    if budget.group_id is None:
        return Q()
    return Q(owner_id__in=User.groups.through.objects.filter(group_id=budget.group_id).values("user_id"))


def _build_sum(rows: QuerySet[Spend] | QuerySet[DaySpend] | QuerySet[Hold]) -> Subquery:
    return Subquery(rows.annotate(all=Value(1)).values("all").annotate(sum=Sum("cost")).values("sum"))
