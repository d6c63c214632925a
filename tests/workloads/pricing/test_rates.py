from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from genai_prices import Usage
from genai_prices.types import (
    ClauseEquals,
    ConditionalPrice,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    Tier,
    TieredPrices,
    TimeOfDateConstraint,
)

from workloads.pricing.assumptions import Assumptions
from workloads.pricing.own_rates import build_given_rate
from workloads.pricing.price_list import PriceList
from workloads.pricing.prices import MILLION
from workloads.pricing.rates import Rate, has_history, list_rates

D = Decimal


def model(*prices: ConditionalPrice) -> ModelInfo:
    return ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=list(prices))


def flat(price: str) -> ModelPrice:
    return ModelPrice(input_mtok=D(price), output_mtok=D(price))


def at(rates: tuple[Rate, ...], moment: datetime, tokens: int = 1) -> Rate:
    second = moment.hour * 3600 + moment.minute * 60 + moment.second
    (found,) = (
        rate
        for rate in rates
        if rate.valid_from <= moment.replace(tzinfo=None) < rate.valid_to
        and rate.from_second <= second < rate.to_second
        and rate.min_input <= tokens <= rate.max_input
    )
    return found


def test_it_reprices_the_whole_request_above_a_tier() -> None:
    tiered = TieredPrices(base=D(3), tiers=[Tier(start=200_000, price=D(6))])
    rates = list_rates(model(ConditionalPrice(prices=ModelPrice(input_mtok=tiered, output_mtok=D(15)))))
    assert [(r.min_input, r.fresh * MILLION) for r in rates] == [(0, D(3)), (200_001, D(6))]
    assert at(rates, datetime(2026, 1, 1, tzinfo=UTC), 200_000).fresh == D("0.000003")
    assert {r.output for r in rates} == {D("0.000015")}


def test_it_cuts_at_the_days_on_which_prices_start() -> None:
    rates = list_rates(
        model(
            ConditionalPrice(prices=flat("10")),
            ConditionalPrice(constraint=StartDateConstraint(start_date=date(2025, 6, 10)), prices=flat("2")),
        )
    )
    assert at(rates, datetime(2025, 6, 9, 23, 59, 59, tzinfo=UTC)).fresh == D("0.00001")
    assert at(rates, datetime(2025, 6, 10, tzinfo=UTC)).fresh == D("0.000002")


def test_it_cuts_at_the_hours_of_off_peak_prices_also_over_midnight() -> None:
    night = TimeOfDateConstraint(start_time=time(22, 30), end_time=time(6))
    rates = list_rates(model(ConditionalPrice(prices=flat("2")), ConditionalPrice(constraint=night, prices=flat("1"))))
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    hours = {hour: at(rates, midnight + timedelta(hours=hour)).fresh * MILLION for hour in (0, 5.99, 6, 22, 22.5, 23)}
    assert hours == {0: 1, 5.99: 1, 6: 2, 22: 2, 22.5: 1, 23: 1}


@pytest.mark.parametrize(
    "name", ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-pro", "deepseek-chat", "o3", "gpt-5.6-sol"]
)
@pytest.mark.parametrize("tokens", [1, 200_000, 200_001, 300_000])
@pytest.mark.parametrize("day", [datetime(2025, 1, 1, 3, tzinfo=UTC), datetime(2026, 10, 1, 18, tzinfo=UTC)])
def test_it_agrees_with_the_price_lists_own_arithmetic(name: str, tokens: int, day: datetime) -> None:
    found = PriceList().find(name)
    assert found is not None
    usage = Usage(input_tokens=tokens, cache_read_tokens=tokens // 4, cache_write_tokens=tokens // 5, output_tokens=7)
    theirs = found[1].calc_price(usage, found[0], genai_request_timestamp=day).total_price
    rate = at(list_rates(found[1]), day, tokens)
    read, write = tokens // 4, tokens // 5
    ours = (tokens - read - write) * rate.fresh + read * rate.cache_read + write * rate.cache_write + 7 * rate.output
    assert ours == theirs


def test_it_leaves_out_models_that_are_not_priced_by_input_tokens() -> None:
    assert list_rates(model(ConditionalPrice(prices=ModelPrice(requests_kcount=D(5))))) == ()


def test_it_tells_dated_prices_from_todays() -> None:
    dated = ConditionalPrice(constraint=StartDateConstraint(start_date=date(2025, 6, 10)), prices=flat("2"))
    assert has_history(model(ConditionalPrice(prices=flat("3")), dated))
    assert not has_history(model(ConditionalPrice(prices=flat("3"))))


def test_it_keeps_a_known_models_cache_proportions_under_given_prices() -> None:
    given = Assumptions(price_in=D(3), price_out=D(9))
    known = Rate(fresh=D(2), cache_read=D("0.5"), cache_write=D("2.5"), cache_write_1h=D(4), output=D(8))
    rate = build_given_rate(given, known)
    assert [p * MILLION for p in (rate.fresh, rate.cache_read, rate.cache_write, rate.cache_write_1h, rate.output)] == [
        3,
        D("0.75"),
        D("3.75"),
        6,
        9,
    ]
    assert build_given_rate(given, None).cache_read == rate.fresh
