from decimal import Decimal

import pytest

from core.exceptions import BadInput
from workloads.pricing.prices import Assumptions


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"price_in": Decimal(1)}, "input price was given without an output price"),
        ({"price_out": Decimal(1)}, "output price was given without an input price"),
        ({"price_in": Decimal(-1), "price_out": Decimal(1)}, "input price -1"),
        ({"price_in": Decimal(1), "price_out": Decimal("NaN")}, "output price NaN"),
        ({"price_in": Decimal("Infinity"), "price_out": Decimal(1)}, "input price Infinity"),
        ({"price_in": Decimal(1), "price_out": Decimal("1e9")}, "output price"),
        ({"discount_percent": Decimal(101)}, "discount 101"),
    ],
)
def test_it_refuses_prices_that_cannot_be(given: dict[str, Decimal], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        Assumptions(**given)  # type: ignore[arg-type]


def test_it_takes_free_prices() -> None:
    assert Assumptions(price_in=Decimal(0), price_out=Decimal(0)).has_given_prices
