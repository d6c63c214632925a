from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from tests.conftest import People
from tools.spending.budgets import ExpiredHolds
from tools.spending.models import Hold

pytestmark = pytest.mark.django_db


def hold(people: People, expires_at: datetime) -> Hold:
    made: Hold = Hold.objects.create(
        owner=people.owner, run_id=uuid4(), tool="t", cost=Decimal(1), expires_at=expires_at
    )
    return made


def test_expired_reservations_are_removed(people: People) -> None:
    now = datetime.now(UTC)
    hold(people, now - timedelta(seconds=1))
    held = hold(people, now + timedelta(seconds=1))
    assert ExpiredHolds(now=now).find().count == 1
    assert ExpiredHolds(now=now).remove().count == 1
    assert list(Hold.objects.all()) == [held]
    assert ExpiredHolds(now=now).remove().count == 0
