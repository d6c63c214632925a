"""Purchases have prices of their own: tiers, places, kinds of tokens and fees, by sums worked out by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice, PriceVariant, StartDateConstraint

from tests.support.workloads.builder import Requests
from workloads.analysis.spend import compute_spend
from workloads.pricing.price_list import PriceList
from workloads.pricing.purchases import Purchase
from workloads.pricing.rates import list_rates

pytestmark = pytest.mark.slow

D = Decimal
M = 1_000_000
LATE = 150 * 86_400  # at the end of October 2026, when all prices below were listed


def cost_of(tmp_path: Path, **request: Any) -> Decimal:
    return compute_spend(Requests().add(LATE, **request).write(tmp_path).priced_log()).total


@pytest.mark.parametrize(
    ("tier", "cost"),
    [
        (None, D("1.25") + D("0.125") + D(10)),
        ("flex", D("0.625") + D("0.0625") + D(5)),
        ("batch", D("0.625") + D("0.0625") + D(5)),
        ("priority", D("2.5") + D("0.25") + D(20)),
        ("scale", D("1.25") + D("0.125") + D(10)),  # not in the list
    ],
)
def test_a_tier_has_the_lists_prices_of_that_tier(tmp_path: Path, tier: str | None, cost: Decimal) -> None:
    request = {"fresh_input": M, "cache_read": M, "output": M}
    assert cost_of(tmp_path, model="gpt-5", service_tier=tier, **request) == cost


def test_tiers_of_one_model_are_priced_apart(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-5", "fresh_input": M}).add(LATE).add(LATE, service_tier="batch")
    priced_log = log.write(tmp_path).priced_log()
    assert priced_log.fetch_all("SELECT cost FROM priced ORDER BY row") == [(D("1.25"),), (D("0.625"),)]
    assert {(model.model, model.tier) for model in priced_log.prices.models} == {("gpt-5", None), ("gpt-5", "batch")}


def test_cached_input_is_halved_in_a_batch_unless_the_provider_says_otherwise(tmp_path: Path) -> None:
    for model, cost in (("gpt-4o-mini", D("0.0375")), ("gpt-4o", D("1.25")), ("gemini-2.5-flash", D("0.03"))):
        assert cost_of(tmp_path, model=model, service_tier="batch", cache_read=M) == cost, model
        (tmp_path / "workload.duckdb").unlink()


def test_writes_kept_for_an_hour_cost_twice_the_input(tmp_path: Path) -> None:
    cost = cost_of(tmp_path, model="claude-sonnet-4-5", cache_write=100_000, cache_write_1h=40_000)
    assert cost == D("0.06") * D("3.75") + D("0.04") * D(6)


def test_audio_and_text_have_prices_of_their_own(tmp_path: Path) -> None:
    cost = cost_of(
        tmp_path,
        model="gpt-realtime",
        fresh_input=100_000,
        audio_input=70_000,
        image_input=10_000,
        cache_read=50_000,
        audio_read=20_000,
        output=9_000,
        audio_output=8_000,
    )
    text_and_image = D("0.02") * 4 + D("0.01") * 5
    read = D("0.05") * D("0.4")  # the list has one price for cached text and audio
    assert cost == text_and_image + D("0.07") * 32 + read + D("0.001") * 16 + D("0.008") * 64


def test_searches_cost_a_cent_each_and_a_discount_holds_for_them_too(tmp_path: Path) -> None:
    request: dict[str, Any] = {"model": "claude-sonnet-4-5", "fresh_input": 1_000, "searches": 7}
    (tmp_path / "other").mkdir()
    assert cost_of(tmp_path, **request) == D("0.003") + D("0.07")
    discounted = Requests().add(LATE, **request).write(tmp_path / "other").priced_log(discount_percent=D(10))
    assert compute_spend(discounted).total == D("0.0027") + D("0.063")


@pytest.mark.parametrize(
    ("model", "place", "factor"),
    [
        ("claude-sonnet-4-6", "us", D("1.1")),
        ("claude-sonnet-4-6", "global", D(1)),
        ("claude-sonnet-4-5", "us", D(1)),
        ("gpt-5", "us", D(1)),
    ],
)
def test_inference_in_the_us_costs_a_tenth_more_with_new_models_of_anthropic(
    tmp_path: Path, model: str, place: str, factor: Decimal
) -> None:
    plain = cost_of(tmp_path, model=model, fresh_input=1_000, output=1_000)
    (tmp_path / "workload.duckdb").unlink()
    assert cost_of(tmp_path, model=model, fresh_input=1_000, output=1_000, geography=place) == plain * factor


def test_a_sum_of_requests_has_the_price_of_short_prompts(tmp_path: Path) -> None:
    request: dict[str, Any] = {"model": "claude-sonnet-4-5", "fresh_input": 300_000}
    assert cost_of(tmp_path, **request) == D("1.8")
    (tmp_path / "workload.duckdb").unlink()
    assert cost_of(tmp_path, **request, is_sum=True, requests=100) == D("0.9")


def test_a_sum_beside_long_prompts_has_the_price_of_short_ones(tmp_path: Path) -> None:
    log = Requests(always={"model": "claude-sonnet-4-5", "fresh_input": 300_000}).add().add(is_sum=True, requests=100)
    costs = log.write(tmp_path).priced_log().fetch_all("SELECT cost FROM priced ORDER BY row")
    assert costs == [(D("1.8"),), (D("0.9"),)]


def test_the_buckets_of_the_spend_add_up_to_its_total_without_fees(tmp_path: Path) -> None:
    buckets = {"fresh_input": 900, "cache_read": 800, "cache_write": 700, "output": 600}
    kinds = {"audio_input": 500, "audio_read": 400, "cache_write_1h": 300, "audio_output": 200, "image_input": 100}
    log = Requests()
    for model in ("gpt-realtime", "claude-sonnet-4-5", "gemini-2.5-flash"):
        log.add(LATE, model=model, **buckets, **kinds)
    spend = compute_spend(log.write(tmp_path).priced_log())
    parts = spend.buckets
    assert parts.fresh_input + parts.cache_read + parts.cache_write + parts.output == spend.total


def test_before_a_tier_was_listed_its_first_prices_stand_for_it() -> None:
    start = StartDateConstraint(start_date=date(2026, 10, 12))
    half = PriceVariant(when={"service_tier": "flex"}, prices=ModelPrice(input_mtok=D(1)), constraint=start)
    prices = ModelPrice(input_mtok=D(2), cache_read_mtok=D("0.5"), output_mtok=D(8))
    model = ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=prices, price_variants=[half])
    for rate in list_rates(model, purchase=Purchase(tier="flex")):
        assert [rate.fresh * M, rate.cache_read * M, rate.output * M] == [D(1), D("0.25"), D(8)]
    (usual,) = {rate.fresh * M for rate in list_rates(model)}
    assert usual == 2


def test_it_agrees_with_the_price_lists_own_arithmetic_for_tiers() -> None:
    found = PriceList().find("gpt-5")
    assert found is not None
    moment = datetime(2026, 10, 20, tzinfo=UTC)
    for tier in ("flex", "priority"):
        theirs = found[1].get_prices(moment, {"service_tier": tier})
        ours = list_rates(found[1], fixed_date=moment.date(), purchase=Purchase(tier=tier))[0]
        assert [theirs.input_mtok, theirs.cache_read_mtok, theirs.output_mtok] == [
            *(ours.fresh * M, ours.cache_read * M, ours.output * M)
        ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("models/gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("publishers/google/models/gemini-2.5-pro", ("google", "gemini-2.5-pro")),
        ("claude-4.5-sonnet-20250929", ("anthropic", "claude-sonnet-4-5")),
        ("Claude Sonnet 4.5", ("anthropic", "claude-sonnet-4-5")),
        ("gpt-4o:batch", ("openai", "gpt-4o")),
        ("text-embedding-3-small", ("openai", "text-embedding-3-small")),
        ("arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0", ("aws", None)),
    ],
)
def test_it_reads_names_as_systems_write_them(name: str, found: tuple[str, str | None]) -> None:
    entry = PriceList().find(name)
    assert entry is not None
    assert entry[0].id == found[0]
    assert found[1] in (None, entry[1].id)


def test_a_model_on_the_users_own_server_has_no_list_price() -> None:
    assert PriceList().find("gpt-4o", "ollama") is None


def test_before_a_tier_was_listed_it_keeps_its_ratio_to_the_price_of_the_day() -> None:
    """o3 cost 10 dollars until June 2025, when nobody listed its batches, and 2 when they were listed at 1."""
    found = PriceList().find("o3")
    assert found is not None
    early = list_rates(found[1], purchase=Purchase(tier="batch"))[0]
    assert [early.fresh * M, early.output * M] == [D(5), D(20)]


def test_a_later_price_of_a_tier_does_not_count_before_it_starts() -> None:
    found = PriceList().find("gemini-4-argon", "google")
    assert found is not None
    rates = list_rates(found[1], purchase=Purchase(tier="batch"))
    assert {rate.fresh * M for rate in rates if rate.valid_from < datetime(2026, 12, 1)} == {D(1)}  # noqa: DTZ001
