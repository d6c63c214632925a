"""The messages of an exhausted budget. Those of a shared budget do not say what others have spent."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from core.i18n.text import FormattedNumber, Text, join_texts, text
from tools.spending.balances import BudgetBalance, get_next_period_start, is_shared
from tools.spending.dollars import format_usd
from tools.spending.models import Budget, BudgetPeriod

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


def to_details(balance: BudgetBalance, now: datetime) -> Mapping[str, Any]:
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
