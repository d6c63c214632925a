from decimal import Decimal
from typing import Any

from netra.cli.price_options import add_prices
from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_prices import ModelAlias, OwnPrice

D = Decimal


def build(**options: Any) -> Assumptions:
    given = {"price_in": None, "price_out": None, "prices": (), "discounts": (), "names": ()}
    return add_prices(Assumptions(target_model="gpt-5"), **{**given, **options})


def test_prices_are_read_per_model_and_kind() -> None:
    prices = ["gpt-4o=2/8", "openai/gpt-4o:free=0/0", "mine=1/2/0.1/$1.25", "GPT-4o:cache_read=0.3", "a=b=1//0.5/"]
    assert build(prices=prices).model_prices == (
        OwnPrice(model="gpt-4o", fresh_input=D(2), output=D(8), cache_read=D("0.3")),
        OwnPrice(model="openai/gpt-4o:free", fresh_input=D(0), output=D(0)),
        OwnPrice(model="mine", fresh_input=D(1), output=D(2), cache_read=D("0.1"), cache_write=D("1.25")),
        OwnPrice(model="a=b", fresh_input=D(1), cache_read=D("0.5")),
    )


def test_discounts_are_for_all_models_or_for_one() -> None:
    found = build(discounts=["12.5%", "gpt-4o=10"], prices=["gpt-4o=2/8"])
    assert found.discount_percent == D("12.5")
    assert found.model_prices == (OwnPrice(model="gpt-4o", fresh_input=D(2), output=D(8), discount_percent=D(10)),)


def test_names_mean_models() -> None:
    assert build(names=["prod=eu=gpt-4o"]).model_names == (ModelAlias(name="prod=eu", model="gpt-4o"),)
    assert build(price_in="1", price_out="2") == Assumptions(target_model="gpt-5", price_in=D(1), price_out=D(2))
