from decimal import Decimal

import pytest

from core.exceptions import BadInput
from workloads.pricing.assumptions import Assumptions


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"price_in": Decimal(1)}, "output price is missing"),
        ({"price_out": Decimal(1)}, "input price is missing"),
        ({"price_in": Decimal(-1), "price_out": Decimal(1)}, "-1 is not a valid input price"),
        ({"price_in": Decimal(1), "price_out": Decimal("NaN")}, "NaN is not a valid output price"),
        ({"price_in": Decimal("Infinity"), "price_out": Decimal(1)}, "Infinity is not a valid input price"),
        ({"price_in": Decimal(1), "price_out": Decimal("1e9")}, "valid output price"),
        ({"discount_percent": Decimal(101)}, "101 is not a valid discount"),
    ],
)
def test_it_refuses_prices_that_cannot_be(given: dict[str, Decimal], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Assumptions(**given)  # type: ignore[arg-type]


def test_it_takes_free_prices() -> None:
    assert Assumptions(price_in=Decimal(0), price_out=Decimal(0)).has_given_prices
