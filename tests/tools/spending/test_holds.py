"""Money for a call with a price is set aside first: of fifty that ask at once, as many as there is money for get it."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from tests.conftest import People
from tests.tools.quota.races import at_once, from_two_processes, mainly_on_postgresql
from tests.tools.spending.spend_rows import TOOL, budget, spend
from tools.spending.budgets import BudgetExhausted, check_budgets, reserve_cost
from tools.spending.ledger import SpendEntry, record_entries, release_holds
from tools.spending.models import DaySpend, Hold

pytestmark = pytest.mark.django_db

DIME = Decimal("0.1")
EXACTLY_TEN = Counter(ok=10, budget_exhausted=40)


def reserve(user_id: UUID, cost: str, run_id: UUID | None = None) -> UUID | None:
    return reserve_cost(user_id, run_id or uuid4(), tool=TOOL, cost=Decimal(cost), seconds=60)


def set_aside(user_id: str, run_id: str) -> None:
    reserve(UUID(user_id), "0.1", UUID(run_id))


def set_aside_and_spent(user_id: str, run_id: str) -> None:
    """As the dispatcher and the writer do it."""
    check_budgets(UUID(user_id), UUID(run_id), tool=TOOL)
    hold = reserve(UUID(user_id), "0.1", UUID(run_id))
    entry = SpendEntry(user_id=UUID(user_id), run_id=UUID(run_id), kind="tool", name=TOOL, cost=DIME)
    with transaction.atomic():
        record_entries([entry])
        release_holds([hold] if hold else [])


def test_a_free_call_reserves_nothing(people: People) -> None:
    budget("0")
    assert reserve(people.owner.id, "0") is None


def test_nothing_is_reserved_without_a_budget(people: People) -> None:
    budget("1", user=people.neighbour)
    assert reserve(people.owner.id, "5") is None
    assert not Hold.objects.exists()


def test_a_call_beyond_the_budget_is_refused(people: People) -> None:
    budget("0.30", name="Trial", period="run")
    run = spend(people.owner.id, "0.2")
    with pytest.raises(BudgetExhausted) as error:
        reserve(people.owner.id, "0.11", run)
    assert str(error.value) == (
        "Per-run budget “Trial” ($0.30) has $0.10 left, which is not enough for this call ($0.11). "
        "It resets with your next question."
    )
    hold = reserve(people.owner.id, "0.10", run)
    assert hold is not None
    with pytest.raises(BudgetExhausted):
        check_budgets(people.owner.id, run, tool=None)
    release_holds([hold])
    release_holds([hold])
    check_budgets(people.owner.id, run, tool=None)


def test_a_crashed_workers_reservation_expires(people: People) -> None:
    budget("1")
    reserve(people.owner.id, "1")
    with pytest.raises(BudgetExhausted):
        reserve(people.owner.id, "1")
    Hold.objects.update(expires_at=F("expires_at") - timedelta(seconds=95))
    reserve(people.owner.id, "1")


def test_tools_have_separate_reservations(people: People) -> None:
    budget("1", tool="write_report")
    reserve_cost(people.owner.id, uuid4(), tool="write_report", cost=Decimal(1), seconds=60)
    assert reserve(people.owner.id, "1") is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("period", ["run", "month"])
def test_of_fifty_concurrent_calls_exactly_ten_get_money(people: People, period: str) -> None:
    budget("1.00", period=period)
    run = uuid4()
    assert Counter(at_once(50, lambda: set_aside(str(people.owner.id), str(run)))) == EXACTLY_TEN


@pytest.mark.django_db(transaction=True)
def test_the_budget_holds_while_other_calls_end(people: People) -> None:
    """What is spent and what is set aside change places in this moment: nothing is counted twice or not at all."""
    budget("1.00", period="month")
    run = uuid4()
    assert Counter(at_once(50, lambda: set_aside_and_spent(str(people.owner.id), str(run)))) == EXACTLY_TEN
    assert not Hold.objects.exists()
    assert DaySpend.objects.for_user(people.owner.id).get().cost == Decimal(1)


@pytest.mark.django_db(transaction=True)
def test_a_shared_budget_holds_for_two_users(people: People) -> None:
    budget("1.00", together=True, group=Group.objects.get(name="the same team"))
    users = iter([str(people.owner.id), str(people.neighbour.id)] * 25)
    assert Counter(at_once(50, lambda: set_aside(next(users), str(uuid4())))) == EXACTLY_TEN


@pytest.mark.django_db(transaction=True)
@mainly_on_postgresql
def test_the_limit_holds_across_two_processes(people: People) -> None:
    budget("1.00", period="month")
    answers = from_two_processes(50, set_aside_and_spent, str(people.owner.id), str(uuid4()))
    assert Counter(answers) == EXACTLY_TEN
