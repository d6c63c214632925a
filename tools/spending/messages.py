"""What a user is told of a budget that is used up. Of one that others share, not how much they have spent."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from netra.language.text import Figure, Text, joined, text
from tools.spending.dollars import written
from tools.spending.models import Budget, Period
from tools.spending.standing import Standing, shared
from tools.spending.windows import opens_at

MONTHS: tuple[Text, ...] = (
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


def words(standing: Standing, cost: Decimal | None, now: datetime) -> Text:
    """`cost` is that of a call that does not fit into what is left."""
    budget, again = standing.budget, _again(standing.budget.period, now)
    if cost is None or standing.spent >= budget.limit:
        return joined(" ", (_used_up(standing), again))
    return joined(" ", (_not_enough(standing, cost), again))


def _used_up(standing: Standing) -> Text:
    if shared(standing.budget):
        return text("{budget}, which you share with others, is used up.", budget=_named(standing.budget))
    return text(
        "{budget} is used up: {spent} USD are spent.", budget=_named(standing.budget), spent=_usd(standing.spent)
    )


def _not_enough(standing: Standing, cost: Decimal) -> Text:
    if shared(standing.budget):
        return text(
            "{budget}, which you share with others, is not enough for a call of {cost} USD: that is more than is left "
            "of it.",
            budget=_named(standing.budget),
            cost=_usd(cost),
        )
    return text(
        "{budget} is not enough for a call of {cost} USD: that is more than the {left} USD that are left.",
        budget=_named(standing.budget),
        cost=_usd(cost),
        left=_usd(standing.budget.limit - standing.spent),
    )


def _named(budget: Budget) -> Text:
    name, limit, tool = budget.name, _usd(budget.limit), budget.tool
    if budget.period == Period.RUN:
        if tool:
            return text("The budget {name} of {limit} USD a run for {tool}", name=name, limit=limit, tool=tool)
        return text("The budget {name} of {limit} USD a run", name=name, limit=limit)
    if budget.period == Period.DAY:
        if tool:
            return text("The budget {name} of {limit} USD a day for {tool}", name=name, limit=limit, tool=tool)
        return text("The budget {name} of {limit} USD a day", name=name, limit=limit)
    if tool:
        return text("The budget {name} of {limit} USD a month for {tool}", name=name, limit=limit, tool=tool)
    return text("The budget {name} of {limit} USD a month", name=name, limit=limit)


def _usd(amount: Decimal) -> Figure:
    return Figure(written(amount))


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


def _again(period: str, now: datetime) -> Text:
    opens = opens_at(period, now)
    if opens is None:
        return text("It holds for this one run: the next one begins anew.")
    return text(
        "It opens again on {day} {month} {year} at 00:00 UTC.",
        day=opens.day,
        month=MONTHS[opens.month - 1],
        year=opens.year,
    )
