from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import apply_effects, build_effect, compute_latency_after, compute_saving

D = Decimal


@pytest.fixture
def priced_log(tmp_path: Path) -> PricedLog:
    """Two requests of $2.50 and $1 each: one million fresh tokens in, 100,000 out."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "output": 100_000})
    return log.add(latency_ms=100.0).add(latency_ms=900.0).write(tmp_path).priced_log()


def test_it_saves_what_avoided_requests_cost(priced_log: PricedLog) -> None:
    assert compute_saving(priced_log, build_effect(priced_log, "avoid", "SELECT 1 AS row, 0 AS price_share")) == D(
        "3.5"
    )


def test_it_moves_tokens_to_the_caches_buckets_at_their_prices(priced_log: PricedLog) -> None:
    effect = build_effect(priced_log, "cache", "SELECT 1 AS row, 400000 AS to_read, 100000 AS to_write")
    assert compute_saving(priced_log, effect) == 400_000 * D("0.00000125")


def test_it_moves_no_more_tokens_than_there_are(priced_log: PricedLog) -> None:
    effect = build_effect(priced_log, "cache", "SELECT 1 AS row, 9000000 AS to_read, 9000000 AS to_write")
    assert compute_saving(priced_log, effect) == D("1.25")


def test_it_puts_another_models_prices_in(priced_log: PricedLog) -> None:
    effect = build_effect(
        priced_log,
        "smaller",
        "SELECT 1 AS row, 0.00000015 AS t_fresh, 0.000000075 AS t_read, 0.00000015 AS t_write, 0.0000006 AS t_output",
    )
    assert compute_saving(priced_log, effect) == D("3.5") - D("0.21")


def test_it_credits_what_is_left_to_each_lever_in_turn(priced_log: PricedLog) -> None:
    avoid = build_effect(priced_log, "avoid", "SELECT 1 AS row, 0 AS price_share")
    half = build_effect(priced_log, "half", "SELECT row, 0.5 AS price_share FROM log.requests")
    assert apply_effects(priced_log, [avoid, half], []).spends == (D(7), D("3.5"), D("1.75"))
    assert apply_effects(priced_log, [half, avoid], []).spends == (D(7), D("3.5"), D("1.75"))


def test_it_adds_each_other_lever_alone_after_the_rest(priced_log: PricedLog) -> None:
    avoid = build_effect(priced_log, "avoid", "SELECT 1 AS row, 0 AS price_share")
    half = build_effect(priced_log, "half", "SELECT row, 0.5 AS price_share FROM log.requests")
    cache = build_effect(priced_log, "cache", "SELECT row, 1000000 AS to_read FROM log.requests")
    found = apply_effects(priced_log, [avoid], [half, cache])
    assert found.adds == (D("1.75"), D("1.25"))


def test_it_does_the_same_when_asked_again(priced_log: PricedLog) -> None:
    half = build_effect(priced_log, "half", "SELECT row, 0.5 AS price_share FROM log.requests")
    assert apply_effects(priced_log, [half], []) == apply_effects(priced_log, [half], [])


@pytest.mark.parametrize(("quantile", "now"), [(0.5, 500.0), (0.95, 860.0), (0.99, 892.0)])
def test_it_takes_latency_anew_over_the_requests_that_stay(priced_log: PricedLog, quantile: float, now: float) -> None:
    moved = build_effect(priced_log, "moved", "SELECT 2 AS row, true AS leaves")
    assert compute_latency_after(priced_log, [moved], quantile) == pytest.approx((now, 100.0))
    assert compute_latency_after(priced_log, [], quantile) == pytest.approx((now, now))
