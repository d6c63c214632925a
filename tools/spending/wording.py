"""What a user is told of a budget that is used up. Of one that others share, not how much they have spent."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from tools.spending.dollars import written
from tools.spending.models import Period
from tools.spending.standing import Standing, shared
from tools.spending.windows import opens_at

PER: Mapping[str, str] = MappingProxyType(
    {Period.RUN.value: "a run", Period.DAY.value: "a day", Period.MONTH.value: "a month"}
)


def words(standing: Standing, cost: Decimal | None, now: datetime) -> str:
    """`cost` is that of a call that does not fit into what is left."""
    budget, again = standing.budget, _again(standing.budget.period, now)
    of = f"The budget {budget.name} of {written(budget.limit)} USD {PER[budget.period]}"
    of += f" for {budget.tool}" if budget.tool else ""
    if shared(budget):
        of += ", which you share with others,"
    if cost is not None and standing.spent < budget.limit:
        left = "is left of it" if shared(budget) else f"the {written(budget.limit - standing.spent)} USD that are left"
        return f"{of} is not enough for a call of {written(cost)} USD: that is more than {left}. {again}"
    spent = "" if shared(budget) else f": {written(standing.spent)} USD are spent"
    return f"{of} is used up{spent}. {again}"


def details(standing: Standing, now: datetime) -> Mapping[str, Any]:
    budget = standing.budget
    opens = opens_at(budget.period, now)
    return {
        "budget": budget.name,
        "limit": written(budget.limit),
        "spent": None if shared(budget) else written(standing.spent),
        "currency": "USD",
        "opens_at": opens.isoformat() if opens else None,
    }


def _again(period: str, now: datetime) -> str:
    opens = opens_at(period, now)
    if opens is None:
        return "It holds for this one run: the next one begins anew."
    return f"It opens again on {opens.day} {opens:%B %Y} at 00:00 UTC."
