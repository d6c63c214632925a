from datetime import date
from decimal import Decimal
from itertools import chain
from pathlib import Path

import pytest
from genai_prices import data_snapshot
from genai_prices.types import StartDateConstraint

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis import priced_log as priced_logs
from workloads.analysis.priced_log import PricedLog
from workloads.pricing.own_prices import OwnPrice
from workloads.pricing.price_list import LIST_DATE, LIST_VERSION
from workloads.pricing.prices import PriceHistory

pytestmark = pytest.mark.slow

D = Decimal


def costs(priced_log: PricedLog) -> list[Decimal | None]:
    return [cost for (cost,) in priced_log.fetch_all("SELECT cost FROM priced ORDER BY row")]


def test_it_prices_each_bucket_once_and_exactly(tmp_path: Path) -> None:
    log = Requests().add(model="claude-sonnet-4-5", fresh_input=1000, cache_read=2000, cache_write=400, output=100)
    expected = (1000 * D(3) + 2000 * D("0.3") + 400 * D("3.75") + 100 * D(15)) / 1_000_000
    assert costs(log.write(tmp_path).priced_log()) == [expected]


def test_rows_are_the_same_whether_they_are_stored_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Requests(always={"fresh_input": 1_000, "output": 10, "logged_cost": D(2)})
    written = log.add(model="gpt-4o").add(model="nobody-knows").add(-86_400, model="o3", ok=False).write(tmp_path)
    whole = "SELECT * FROM priced ORDER BY row"
    stored = written.priced_log().fetch_all(whole)
    monkeypatch.setattr(priced_logs, "MAX_STORED_ROWS", 2)
    shown = written.priced_log()
    assert shown.fetch_all("SELECT count(*) FROM duckdb_views() WHERE view_name = 'priced'") == [(1,)]
    assert shown.fetch_all(whole) == stored
    assert len(stored) == 3


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


def test_the_prices_shown_are_those_that_were_applied(tmp_path: Path) -> None:
    """Not those of a later year that the list announces."""
    log = Requests().add(model="gemini-3.8-flash", fresh_input=1_000_000, output=1_000_000)
    priced_log = log.write(tmp_path).priced_log()
    (model,) = priced_log.prices.models
    assert costs(priced_log) == [model.fresh_input + model.output]
    assert model.rates == 1


def test_a_free_model_costs_nothing_and_a_delisted_one_has_no_price(tmp_path: Path) -> None:
    tokens = {"fresh_input": 1_000, "output": 1_000}
    log = Requests(always=tokens).add(model="deepseek/deepseek-r1:free", provider="openrouter")
    log.add(model="qwen-3-coder-480b", provider="cerebras")
    priced_log = log.write(tmp_path).priced_log()
    assert costs(priced_log) == [D(0), None]
    assert [model.model for model in priced_log.prices.unpriced] == ["qwen-3-coder-480b"]


def test_it_says_which_tiers_the_list_does_not_price(tmp_path: Path) -> None:
    log = Requests().add(model="claude-sonnet-4-5", service_tier="flex", output=1_000_000)
    priced_log = log.write(tmp_path).priced_log()
    assert costs(priced_log) == [D(15)]
    assert priced_log.prices.models[0].lacks_tier
    assert any("no flex price for claude-sonnet-4-5" in note for note in priced_log.prices.notes)


def test_images_reasoning_and_requests_have_prices_of_their_own(tmp_path: Path) -> None:
    log = Requests(always={"output": 1_000_000})
    log.add(model="gemini-2.5-flash-image", image_output=1_000_000)
    log.add(model="sonar-deep-research", provider="perplexity", reasoning=500_000)
    log.add(model="sonar-pro", provider="perplexity")
    assert costs(log.write(tmp_path).priced_log()) == [D(30), D(4) + D("1.5"), D(15) + D("0.014")]


def test_it_says_what_the_spend_of_sums_and_images_lacks(tmp_path: Path) -> None:
    log = Requests().add(model="claude-sonnet-4-5", is_sum=True, searches=57, output=1)
    log.add(model="gemini-2.5-flash-image", output=1)
    priced = log.write(tmp_path).priced_log()
    notes = priced.prices.notes
    assert costs(priced)[0] == D("0.000015")
    said = "57 web searches in sums of requests are not in the spend; at list price they cost $0.57"
    assert any(said in note for note in notes)
    assert any("image_output_tokens" in note for note in notes)


def test_the_price_lists_date_is_that_of_its_newest_change() -> None:
    """A new version of the package needs a new date, and this test one look at its announcements."""
    assert LIST_VERSION == "0.2.3"
    providers = data_snapshot.get_snapshot().providers
    models = chain.from_iterable(provider.models for provider in providers)
    constraints = [price.constraint for m in models if isinstance(m.prices, list) for price in m.prices]
    starts = {each.start_date for each in constraints if isinstance(each, StartDateConstraint)}
    assert max(start for start in starts if start < date(2026, 12, 1)) == LIST_DATE


def test_a_free_variant_of_a_paid_model_costs_nothing(tmp_path: Path) -> None:
    log = Requests(always={"output": 1_000_000}).add(model="openai/gpt-4o:free").add(model="openai/gpt-4o")
    priced_log = log.write(tmp_path).priced_log(model_prices=(OwnPrice(model="gpt-4o", output=D(8)),))
    assert costs(priced_log) == [D(0), D(8)]
    assert [model.model_id for model in priced_log.prices.models] == ["gpt-4o", "gpt-4o:free"]
