from decimal import Decimal
from uuid import uuid4

import pytest
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import People
from tools.spending.dollars import MAX_AMOUNT, UNIT, DollarsField, format_usd, to_column_units
from tools.spending.models import Hold

FIELD = DollarsField()


@settings(deadline=None)
@given(st.decimals(min_value=0, max_value=MAX_AMOUNT, places=12))
def test_an_amount_is_stored_exactly(amount: Decimal) -> None:
    assert FIELD.from_db_value(to_column_units(amount), None, None) == amount
    assert Decimal(format_usd(amount)) == amount


@pytest.mark.parametrize("amount", ["-0.01", "NaN", "Infinity", "1000000.01"])
def test_an_invalid_amount_is_not_stored(amount: str) -> None:
    with pytest.raises(ValueError, match="is not an amount"):
        to_column_units(Decimal(amount))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0", "0.00"), ("1E+1", "10.00"), ("0.5", "0.50"), ("0.0123", "0.0123"), ("1E-12", f"{UNIT:f}")],
)
def test_amounts_are_shown_without_exponents(amount: str, text: str) -> None:
    assert format_usd(Decimal(amount)) == text


@pytest.mark.django_db
def test_a_database_adds_up_exactly(people: People) -> None:
    """Where SQLite adds up decimals, ten times 0.1 and a little are floats."""
    base = {"owner": people.owner, "run_id": uuid4(), "tool": "t", "expires_at": "2030-01-01T00:00:00Z"}
    Hold.objects.bulk_create([Hold(**base, cost=Decimal("100000.100000000001")) for _ in range(9)])
    assert Hold.objects.aggregate(sum=Sum("cost"))["sum"] == Decimal("900000.900000000009")
