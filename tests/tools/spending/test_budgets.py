"""Budgets hold before each step: whose, of what, within which time, and what a user is told."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from tests.conftest import People
from tests.tools.spending.spend_rows import TOOL, budget, spend
from tools.spending.budgets import BudgetAlert, BudgetExhausted, check_budgets
from tools.spending.models import Budget, DaySpend

pytestmark = pytest.mark.django_db


def is_refused(user_id: UUID, run_id: UUID | None = None, tool: str | None = TOOL) -> bool:
    try:
        check_budgets(user_id, run_id or uuid4(), tool=tool)
    except BudgetExhausted:
        return True
    return False


def test_without_a_budget_nothing_is_limited(people: People) -> None:
    spend(people.owner.id, "1000")
    assert check_budgets(people.owner.id, uuid4(), tool=TOOL) == ()


def test_a_used_up_budget_refuses(people: People) -> None:
    made = budget("0.30", name="Trial", period="day")
    spend(people.owner.id, "0.2")
    assert check_budgets(people.owner.id, uuid4(), tool=TOOL) == ()
    run = spend(people.owner.id, "0.1")
    with pytest.raises(BudgetExhausted) as error:
        check_budgets(people.owner.id, run, tool=None)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    assert str(error.value) == (
        "Daily budget “Trial” ($0.30) is used up: $0.30 spent. "
        f"It resets on {tomorrow.day} {tomorrow:%B %Y} at 00:00 UTC."
    )
    assert error.value.details == {
        "budget": "Trial",
        "limit": "0.30",
        "spent": "0.30",
        "currency": "USD",
        "opens_at": tomorrow.isoformat(),
    }
    assert not is_refused(people.neighbour.id)
    Budget.objects.filter(pk=made.pk).update(limit=Decimal("0.31"))
    assert not is_refused(people.owner.id)  # from the next step on
    Budget.objects.filter(pk=made.pk).update(limit=Decimal("0.1"), enabled=False)
    assert not is_refused(people.owner.id)


def test_an_alert_is_sent_at_four_fifths(people: People) -> None:
    made = budget("1", name="Trial", period="month")
    spend(people.owner.id, "0.79")
    assert check_budgets(people.owner.id, uuid4(), tool=TOOL) == ()
    spend(people.owner.id, "0.01")
    warning = BudgetAlert(budget_id=made.pk, budget="Trial", spent=Decimal("0.8"), limit=Decimal(1))
    assert check_budgets(people.owner.id, uuid4(), tool=None) == (warning,)


def test_a_new_budget_counts_earlier_spending(people: People) -> None:
    run = spend(people.owner.id, "0.5")
    for period in ("run", "day", "month"):
        made = budget("0.5", period=period)
        assert is_refused(people.owner.id, run), period
        made.delete()


def test_periods_end(people: People) -> None:
    now = datetime.now(UTC)
    yesterday, last_month = now - timedelta(days=1), now.replace(day=1) - timedelta(days=1)
    run = spend(people.owner.id, "1", at=yesterday)
    daily = budget("1", period="day")
    assert not is_refused(people.owner.id, run)
    daily.delete()
    DaySpend.objects.all().delete()
    spend(people.owner.id, "1", at=last_month)
    monthly = budget("1", period="month")
    assert not is_refused(people.owner.id, run)
    spend(people.owner.id, "1", at=now)
    assert is_refused(people.owner.id, run)
    monthly.delete()
    # Of a run over midnight, all counts.
    budget("1", period="run")
    assert is_refused(people.owner.id, run)
    assert not is_refused(people.owner.id, uuid4())


def test_a_tools_budget_limits_only_that_tool(people: People) -> None:
    budget("1", tool=TOOL)
    spend(people.owner.id, "5", name="write_report")
    spend(people.owner.id, "5", kind="model", name=TOOL)
    assert not is_refused(people.owner.id)
    spend(people.owner.id, "1")
    assert is_refused(people.owner.id)
    assert not is_refused(people.owner.id, tool="write_report")
    assert not is_refused(people.owner.id, tool=None)


def test_user_and_group_budgets_both_apply(people: People) -> None:
    """The owner and the neighbour are in one group, the stranger in none."""
    team = Group.objects.get(name="the same team")
    mine = budget("1", user=people.owner)
    for user in (people.owner, people.neighbour, people.stranger):
        spend(user.id, "1")
    assert [is_refused(user.id) for user in (people.owner, people.neighbour, people.stranger)] == [True, False, False]
    mine.delete()
    each = budget("1", group=team)
    assert [is_refused(user.id) for user in (people.owner, people.neighbour, people.stranger)] == [True, True, False]
    people.neighbour.groups.clear()
    assert not is_refused(people.neighbour.id)
    each.delete()


@pytest.mark.parametrize("whose", ["group", "everyone"])
def test_a_shared_budget_does_not_disclose_others_spending(people: People, whose: str) -> None:
    more = {"group": Group.objects.get(name="the same team")} if whose == "group" else {}
    made = budget("10", name="Team", together=True, period="month", **more)
    spend(people.neighbour.id, "4.4321")
    spend(people.owner.id, "4.4321")
    assert check_budgets(people.owner.id, uuid4(), tool=None) == (
        BudgetAlert(budget_id=made.pk, budget="Team", spent=None, limit=Decimal(10)),
    )
    spend(people.neighbour.id, "4.4321")
    with pytest.raises(BudgetExhausted, match="shared with other users, is used up. It resets on") as error:
        check_budgets(people.owner.id, uuid4(), tool=None)
    assert error.value.details["spent"] is None
    assert "4.4321" not in repr((str(error.value), error.value.details))
    assert is_refused(people.stranger.id) is (whose == "everyone")


def test_a_groups_budget_counts_only_its_members(people: People) -> None:
    budget("1", together=True, group=Group.objects.get(name="the same team"))
    spend(people.stranger.id, "5")
    assert not is_refused(people.owner.id)


def test_unknown_costs_are_in_no_sum(people: People) -> None:
    budget("0.01", period="run")
    run = spend(people.owner.id, None, kind="model", name="house-model")
    assert not is_refused(people.owner.id, run)


def test_a_budget_of_zero_refuses(people: People) -> None:
    budget("0", tool=TOOL)
    assert is_refused(people.owner.id)


def test_checking_takes_few_statements(people: People, django_assert_max_num_queries: Any) -> None:
    own = 5 if connection.vendor == "postgresql" else 0  # whose it is, in a transaction within the test's own
    with django_assert_max_num_queries(1 + own):
        check_budgets(people.owner.id, uuid4(), tool=TOOL)
    for period in ("run", "month"):
        budget("1", period=period)
    with django_assert_max_num_queries(4 + own):
        check_budgets(people.owner.id, uuid4(), tool=TOOL)
