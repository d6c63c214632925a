from datetime import date
from decimal import Decimal

import pytest

from workloads.invoices.cells import find_currency, has_day_first, parse_amount, parse_day


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.3464974643967578", "1.3464974643967578"),
        ("$1,234.50", "1234.50"),
        ("1.234,50 €", "1234.50"),
        ("0,06", "0.06"),
        ("1,234", "1234"),
        ("(3.20)", "-3.20"),
        ("-4", "-4"),
        ("1.2e-05", "0.000012"),
        ("USD 7", "7"),
        ("US$3.20", "3.20"),
        ("-$3.20", "-3.20"),
        ("3.20USD", "3.20"),
        ("1 234,50 EUR", "1234.50"),
        ("n/a", None),
        ("0x10", None),
        ("10 per 1000", None),
        ("5%", None),
        ("", None),
        ("1e99999", None),
        ("1e-999", None),
        ("9" * 40, None),
    ],
)
def test_amounts(cell: str, amount: str | None) -> None:
    assert parse_amount(cell) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-11-01", date(2026, 11, 1)),
        ("2026-11-01T23:30:00-05:00", date(2026, 11, 2)),
        ("2026-11-01 08:14:06.262", date(2026, 11, 1)),
        ("1793491200", date(2026, 11, 1)),
        ("1793491200000", date(2026, 11, 1)),
        ("46327", date(2026, 11, 1)),
        ("20261101", date(2026, 11, 1)),
        ("01.11.2026", date(2026, 11, 1)),
        ("11/01/2026", date(2026, 11, 1)),
        ("Nov 1, 2026", date(2026, 11, 1)),
        ("2026-13-41", None),
        ("Total", None),
        ("", None),
    ],
)
def test_days(cell: str, day: date | None) -> None:
    assert parse_day(cell, day_first=False) == day


def test_days_before_months_show_in_any_cell() -> None:
    assert has_day_first(["03/02/2026", "13/02/2026"])
    assert not has_day_first(["03/02/2026", "02/13/2026"])
    assert parse_day("03/02/2026", day_first=True) == date(2026, 2, 3)


@pytest.mark.parametrize(
    ("words", "currency"),
    [("usd", "USD"), ("amount (EUR)", "EUR"), ("cost_gbp", "GBP"), ("€ 3", "EUR"), ("amount", None), ("used", None)],
)
def test_currencies(words: str, currency: str | None) -> None:
    assert find_currency(words) == currency
