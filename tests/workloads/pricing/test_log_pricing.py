from decimal import Decimal
from pathlib import Path

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.prices import PriceHistory

D = Decimal


def costs(priced_log: PricedLog) -> list[Decimal | None]:
    return [cost for (cost,) in priced_log.fetch_all("SELECT cost FROM priced ORDER BY row")]


def test_it_prices_each_bucket_once_and_exactly(tmp_path: Path) -> None:
    log = Requests().add(model="claude-sonnet-4-5", fresh_input=1000, cache_read=2000, cache_write=400, output=100)
    expected = (1000 * D(3) + 2000 * D("0.3") + 400 * D("3.75") + 100 * D(15)) / 1_000_000
    assert costs(log.write(tmp_path).priced_log()) == [expected]


def test_it_takes_the_tier_of_all_input_tokens(tmp_path: Path) -> None:
    log = Requests(always={"model": "claude-sonnet-4-5"})
    log.add(fresh_input=100_000, cache_read=100_000).add(fresh_input=100_000, cache_read=100_001)
    low, high = costs(log.write(tmp_path).priced_log())
    assert low == D("0.33")
    assert high == D("0.6") + D("0.0600006")


def test_it_prices_a_request_as_of_its_own_day(tmp_path: Path) -> None:
    day = 86_400
    log = Requests(always={"model": "o3", "fresh_input": 1_000_000}).add(-400 * day).add()
    priced_log = log.write(tmp_path).priced_log()
    assert costs(priced_log) == [D(10), D(2)]
    assert priced_log.prices.models[0].history is PriceHistory.DATED


def test_it_says_where_only_todays_price_is_known(tmp_path: Path) -> None:
    priced_log = Requests().add(model="gpt-4o", fresh_input=10).write(tmp_path).priced_log()
    assert priced_log.prices.models[0].history is PriceHistory.TODAY
    assert "no history" in priced_log.prices.notes[0]


def test_it_lists_unknown_models_and_prices_the_rest(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=1_000_000).add(model="house-model", fresh_input=5, output=2)
    priced_log = log.write(tmp_path).priced_log()
    assert costs(priced_log) == [D("2.5"), None]
    (unpriced,) = priced_log.prices.unpriced
    assert (unpriced.model, unpriced.requests, unpriced.tokens) == ("house-model", 1, 7)
    assert "not in the price list" in unpriced.why


def test_it_uses_the_assumed_model_only_where_none_is_named(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o-mini", fresh_input=1_000_000).add(fresh_input=1_000_000)
    priced_log = log.write(tmp_path).priced_log(assume_model="gpt-4o")
    assert costs(priced_log) == [D("0.15"), D("2.5")]
    assert {model.model: model.assumed for model in priced_log.prices.models} == {"gpt-4o-mini": False, None: True}


def test_it_asks_for_a_model_where_none_is_named(tmp_path: Path) -> None:
    (unpriced,) = Requests().add(fresh_input=1).write(tmp_path).priced_log().prices.unpriced
    assert "names no model" in unpriced.why


def test_it_applies_given_prices_to_every_request_and_says_so(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", cache_read=1_000_000, output=1_000_000).add(model="mine", cache_read=1_000_000)
    priced_log = log.write(tmp_path).priced_log(price_in=D(4), price_out=D(20))
    assert costs(priced_log) == [D(22), D(4)]
    assert {model.history for model in priced_log.prices.models} == {PriceHistory.GIVEN}
    assert "apply to every request" in priced_log.prices.notes[0]


def test_it_takes_a_discount_off_every_price(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=1_000_000, output=100_000)
    assert costs(log.write(tmp_path).priced_log(discount_percent=D(20))) == [D("2.8")]


def test_it_names_similar_models_for_an_unknown_assumed_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"'gpt-4oo'.*gpt-4o"):
        Requests().add(fresh_input=1).write(tmp_path).priced_log(assume_model="gpt-4oo")


def test_it_uses_todays_prices_for_a_clock_without_a_date(tmp_path: Path) -> None:
    log = Requests().add(model="o3", fresh_input=1_000_000).write(tmp_path, relative_clock=True)
    priced_log = log.priced_log()
    assert costs(priced_log) == [D(2)]
    assert "2026-11-01" in priced_log.prices.notes[0]


def test_it_tells_the_same_name_at_two_providers_apart(tmp_path: Path) -> None:
    log = (
        Requests(always={"model": "openai/gpt-4o", "fresh_input": 1}).add(provider="openai").add(provider="openrouter")
    )
    found = {model.provider: model.provider_id for model in log.write(tmp_path).priced_log().prices.models}
    assert found == {"openai": "openai", "openrouter": "openrouter"}
