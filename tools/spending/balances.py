"""Which budgets hold for a step, and how much of each is spent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery, Sum, Value

from netra.core.models import User
from tools.spending.models import Budget, DaySpend, Hold, Kind, Period, Spend
from tools.spending.windows import began


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who is about to do something in which run; `tool` is None for a language model's request."""

    user_id: UUID
    run_id: UUID
    tool: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A budget and what is spent of it in its present period, with what is set aside for calls under way."""

    budget: Budget
    spent: Decimal


def budgets_for(step: Step) -> QuerySet[Budget]:
    """In the order of their ids, in which they are locked."""
    groups = User.groups.through.objects.filter(user_id=step.user_id).values("group_id")
    # The rows with neither a user nor a group hold for everyone.
    whom = Q(user=None, group=None) | Q(user_id=step.user_id) | Q(group_id__in=groups)
    what = Q(tool="") if step.tool is None else Q(tool="") | Q(tool=step.tool)
    return Budget.objects.filter(whom, what, enabled=True).order_by("id")


def standings(step: Step, budgets: Sequence[Budget]) -> tuple[Standing, ...]:
    now = datetime.now(UTC)
    return tuple(Standing(budget=budget, spent=_spent(budget, step, now)) for budget in budgets)


def shared(budget: Budget) -> bool:
    """Whether others spend from the same budget."""
    return budget.together and budget.user_id is None and budget.period != Period.RUN


def _spent(budget: Budget, step: Step, now: datetime) -> Decimal:
    """In one statement: a call that ends between two of them would be in neither or in both."""
    whose = _whose(budget, step)
    held = Hold.objects.filter(whose, expires_at__gt=now)
    if budget.period == Period.RUN:
        done: QuerySet[Spend] | QuerySet[DaySpend] = Spend.objects.filter(whose, run_id=step.run_id)
        held = held.filter(run_id=step.run_id)
    else:
        done = DaySpend.objects.filter(whose, day__gte=began(budget.period, now))
    if budget.tool:
        done, held = done.filter(kind=Kind.TOOL, name=budget.tool), held.filter(tool=budget.tool)
    sums = Budget.objects.filter(pk=budget.pk).values_list(_sum(done), _sum(held)).first()
    return sum((each for each in sums or () if each is not None), Decimal(0))


def _whose(budget: Budget, step: Step) -> Q:
    """Of a budget that several share, the sum is over all of them, and nothing else of theirs is read."""
    if not shared(budget):
        return Q(owner_id=step.user_id)
    if budget.group_id is None:
        return Q()
    return Q(owner_id__in=User.groups.through.objects.filter(group_id=budget.group_id).values("user_id"))


def _sum(rows: QuerySet[Spend] | QuerySet[DaySpend] | QuerySet[Hold]) -> Subquery:
    return Subquery(rows.annotate(all=Value(1)).values("all").annotate(sum=Sum("cost")).values("sum"))
