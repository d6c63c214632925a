from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection, transaction

from tests.conftest import People
from tests.tools.spending.spend_rows import TOOL, spend
from tools.spending.ledger import SpendEntry, record_entries
from tools.spending.models import DaySpend, Spend

pytestmark = pytest.mark.django_db


def test_every_step_has_a_row_and_every_day_a_sum(people: People) -> None:
    user, run = people.owner.id, uuid4()
    model = {"kind": "model", "name": "gpt-4o", "input_tokens": 100, "cached_tokens": 60, "output_tokens": 7}
    for cost in ("0.1", "0.2", "0"):
        spend(user, cost, run)
    spend(user, "0.000000000001", run, **model)
    spend(user, None, run, **model)
    spend(people.neighbour.id, "5")
    assert Spend.objects.for_user(user).filter(run_id=run).count() == 5
    unknown = Spend.objects.for_user(user).get(cost=None)
    assert (unknown.input_tokens, unknown.cached_tokens, unknown.output_tokens) == (100, 60, 7)
    days = DaySpend.objects.for_user(user).order_by("name").values_list("kind", "name", "cost")
    # The unknown is in no sum, and not nothing.
    assert list(days) == [("tool", TOOL, Decimal("0.3")), ("model", "gpt-4o", Decimal("0.000000000001"))]


def test_a_day_is_a_utc_day(people: People) -> None:
    for at in ("2026-01-31T23:59:59+00:00", "2026-02-01T00:30:00+01:00", "2026-02-01T00:00:00+00:00"):
        spend(people.owner.id, "1", at=datetime.fromisoformat(at))
    days = DaySpend.objects.for_user(people.owner.id).order_by("day").values_list("day", "cost")
    assert list(days) == [
        (datetime(2026, 1, 31, tzinfo=UTC), Decimal(2)),
        (datetime(2026, 2, 1, tzinfo=UTC), Decimal(1)),
    ]


def test_many_entries_are_stored_at_once(people: People) -> None:
    entries = [
        SpendEntry(user_id=user.id, run_id=uuid4(), kind="tool", name=f"t{n % 3}", cost=Decimal(n))
        for n in range(300)
        for user in (people.owner, people.neighbour)
    ]
    with transaction.atomic():
        record_entries(entries)
        record_entries([])
    for user in (people.owner, people.neighbour):
        assert sum(DaySpend.objects.for_user(user.id).values_list("cost", flat=True)) == sum(range(300))


@pytest.mark.django_db(transaction=True)
def test_spending_is_recorded_in_the_callers_transaction(people: People) -> None:
    assert not connection.in_atomic_block
    entry = SpendEntry(user_id=people.owner.id, run_id=uuid4(), kind="tool", name="t", cost=Decimal(1))
    with pytest.raises(transaction.TransactionManagementError):
        record_entries([entry])
    with transaction.atomic():
        record_entries([entry])
        transaction.set_rollback(True)
    assert not Spend.objects.exists()
    assert not DaySpend.objects.exists()
