"""Prices that a message states."""

from decimal import Decimal

import pytest

from workloads.pricing.own_prices import OwnPrice
from workloads.pricing.price_sentences import parse_prices

GPT = OwnPrice(model="gpt-4o", fresh_input=Decimal(2), output=Decimal(8))


@pytest.mark.parametrize(
    "message",
    [
        "gpt-4o costs us 2/8",
        "gpt-4o costs us 2/8.",
        "Our gpt-4o costs $2 / $8",
        "We pay 2/8 for gpt-4o",
        "our price for gpt-4o is $2 in and $8 out",
        "we pay $2 for input and $8 for output tokens for gpt-4o",
        "Set my price for gpt-4o to 2/8",
    ],
)
def test_a_price_is_read(message: str) -> None:
    assert parse_prices(message) == {"model_prices": (GPT,)}


@pytest.mark.parametrize("message", ["We get a 20% discount", "we get 20 % off", "our discount is 20 percent."])
def test_a_discount_is_read(message: str) -> None:
    assert parse_prices(message) == {"discount_percent": Decimal(20)}


@pytest.mark.parametrize(
    "message",
    [
        "What would gpt-4o cost at 2/8?",
        "gpt-4o costs us 2/8?",
        "gpt-4o cost us $20 last week",
        "What if we get a 20% discount?",
        "we get a discount",
        "cut my spend by 30%",
        "gpt-4o costs us 2/8 " + "x" * 300,
        "",
    ],
)
def test_any_other_message_states_nothing(message: str) -> None:
    assert parse_prices(message) == {}
