"""Prices of a user's own, model by model, as the log's costs show them."""

from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.own_prices import ModelAlias, OwnPrice
from workloads.pricing.prices import PriceHistory

pytestmark = pytest.mark.slow

D = Decimal
MILLION = 1_000_000


def folder(path: Path, name: str) -> Path:
    (path / name).mkdir()
    return path / name


def costs(log: PricedLog) -> list[D | None]:
    return [cost for (cost,) in log.fetch_all("SELECT cost FROM priced ORDER BY row")]


def test_each_model_has_its_own_prices(tmp_path: Path) -> None:
    log = (
        Requests(always={"fresh_input": MILLION, "output": MILLION})
        .add(model="gpt-4o")
        .add(model="gpt-4o-mini")
        .add(model="house-model")
    )
    own = (
        OwnPrice(model="GPT-4o", fresh_input=D(2), output=D(8)),
        OwnPrice(model="house-model", fresh_input=D("0.1"), output=D("0.4")),
    )
    priced = log.write(tmp_path).priced_log(model_prices=own)
    assert costs(priced) == [D(10), D("0.75"), D("0.5")]
    histories = {model.model: model.history for model in priced.prices.models}
    assert histories["gpt-4o"] is histories["house-model"] is PriceHistory.GIVEN
    assert histories["gpt-4o-mini"] is PriceHistory.TODAY
    assert any("Your own prices apply to gpt-4o, house-model" in note for note in priced.prices.notes)


def test_a_kind_without_a_price_keeps_the_lists(tmp_path: Path) -> None:
    """gpt-4o: 2.50 fresh, 1.25 read; a write costs what fresh input does."""
    log = Requests(always={"model": "gpt-4o"}).add(cache_read=MILLION).add(cache_write=MILLION).add(fresh_input=MILLION)
    priced = log.write(tmp_path).priced_log(model_prices=(OwnPrice(model="gpt-4o", fresh_input=D(2)),))
    assert costs(priced) == [D("1.25"), D(2), D(2)]
    read = Requests(always={"model": "gpt-4o"}).add(cache_read=MILLION, fresh_input=MILLION)
    only = read.write(folder(tmp_path, "b")).priced_log(model_prices=(OwnPrice(model="gpt-4o", cache_read=D("0.3")),))
    assert costs(only) == [D("2.8")]


def test_batches_and_long_prompts_keep_the_lists_ratio(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "output": MILLION}).add().add(service_tier="batch")
    priced = log.write(tmp_path).priced_log(model_prices=(OwnPrice(model="gpt-4o", output=D(8)),))
    assert costs(priced) == [D(8), D(4)]
    cached = Requests(always={"model": "gpt-4o", "cache_read": MILLION}).add(service_tier="batch")
    own = OwnPrice(model="gpt-4o", fresh_input=D(2))
    assert costs(cached.write(folder(tmp_path, "c")).priced_log(model_prices=(own,))) == [D("1.25")]
    long = Requests(always={"model": "gemini-2.5-pro"}).add(fresh_input=1000).add(fresh_input=MILLION)
    own = OwnPrice(model="gemini-2.5-pro", fresh_input=D(1))
    assert costs(long.write(folder(tmp_path, "b")).priced_log(model_prices=(own,))) == [
        D("0.001"),
        D(2),
    ]  # 1.25 and 2.50


def test_a_model_of_ones_own_without_an_output_price_stays_unpriced(tmp_path: Path) -> None:
    log = Requests().add(model="house-model", fresh_input=1)
    (unpriced,) = (
        log.write(tmp_path).priced_log(model_prices=(OwnPrice(model="house-model", output=D(1)),)).prices.unpriced
    )
    assert "lacks an input or output price" in unpriced.why


def test_discounts_of_a_model_replace_the_one_of_all(tmp_path: Path) -> None:
    log = Requests(always={"output": MILLION}).add(model="gpt-4o").add(model="gpt-4o-mini")
    own = (OwnPrice(model="gpt-4o", discount_percent=D(50)),)
    priced = log.write(tmp_path).priced_log(model_prices=own, discount_percent=D(10))
    assert costs(priced) == [D(5), D("0.54")]
    assert [model.history for model in priced.prices.models] == [PriceHistory.TODAY] * 2
    assert {"A discount of 50% was applied to gpt-4o."} <= set(map(str, priced.prices.notes))


def test_a_name_means_the_model_that_the_user_says(tmp_path: Path) -> None:
    log = Requests(always={"output": MILLION}).add(model="prod-eu").add(model="prod-us")
    names = (ModelAlias(name="Prod-EU", model="openai/gpt-4o"), ModelAlias(name="prod-us", model="house"))
    own = (OwnPrice(model="house", fresh_input=D(1), output=D(3)),)
    priced = log.write(tmp_path).priced_log(model_names=names, model_prices=own)
    assert costs(priced) == [D(10), D(3)]
    other = folder(tmp_path, "b")
    with pytest.raises(BadInput, match=r"'gpt-4oo' is not in the price list, so 'prod-eu' can't mean it.*gpt-4o"):
        log.write(other).priced_log(model_names=(ModelAlias(name="prod-eu", model="gpt-4oo"),))


def test_the_assumed_model_may_have_a_price_of_ones_own(tmp_path: Path) -> None:
    own = (OwnPrice(model="house", fresh_input=D(1), output=D(3)),)
    log = Requests().add(output=MILLION).write(tmp_path)
    assert costs(log.priced_log(assume_model="house", model_prices=own)) == [D(3)]


def test_the_price_for_every_request_holds_for_models_without_their_own(tmp_path: Path) -> None:
    log = Requests(always={"output": MILLION}).add(model="gpt-4o").add(model="a").add()
    own = (OwnPrice(model="gpt-4o", output=D(1)),)
    priced = log.write(tmp_path).priced_log(model_prices=own, price_in=D(1), price_out=D(7))
    assert costs(priced) == [D(1), D(7), D(7)]
