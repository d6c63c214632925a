"""Answers to a wish to do something."""

from decimal import Decimal

import pytest

from agents.answers.operating import answer_wish
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import OwnPrice

NONE = Assumptions()
OWN = Assumptions(model_prices=(OwnPrice(model="gpt-4o", fresh_input=Decimal(2), output=Decimal(8)),))


@pytest.mark.parametrize(
    ("wish", "start"),
    [
        ("export this as CSV", "Each table of an answer can be downloaded as CSV"),
        ("Change our prices", "Say it here, for example: gpt-4o costs us 2/8"),
        ("Can I rename this conversation?", "You can rename or pin a conversation"),
        ("We get a 20% discount", "Saved with this log: a discount of 20% on every price."),
    ],
)
def test_a_wish_is_done_or_said_where(wish: str, start: str) -> None:
    assert str(answer_wish(wish, NONE)).startswith(start)


def test_a_price_is_confirmed_if_it_was_saved() -> None:
    saved = answer_wish("gpt-4o costs us 2/8", OWN)
    assert str(saved).startswith("Saved with this log: gpt-4o costs $2.00 per million input tokens and $8.00")
    lost = answer_wish("gpt-4o costs us 2/8", NONE)
    assert str(lost).startswith("The price of gpt-4o was not saved.")


def test_a_question_is_no_wish() -> None:
    assert answer_wish("What did we spend?", OWN) is None
    assert answer_wish("export this " + "x" * 300, OWN) is None
