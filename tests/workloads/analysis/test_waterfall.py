from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.log_state import INITIAL_STATE, LeverEffect, LogState, store_effect
from workloads.analysis.priced_log import PricedLog
from workloads.analysis.waterfall import WaterfallCosts, WaterfallLever, apply_levers, compute_saving
from workloads.levers.prompt_cache import build_effect_sql

pytestmark = pytest.mark.slow

D = Decimal
AVOID = "SELECT 1 AS row, true AS is_avoided"
HALF = "SELECT row, 0.5 AS price_share FROM log.requests"
READ_ALL = "SELECT row, 1000000 AS to_read FROM log.requests"


@pytest.fixture
def priced_log(tmp_path: Path) -> PricedLog:
    """Two requests of $2.50 and $1 each: one million fresh tokens in, 100,000 out."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000, "output": 100_000})
    return log.add(latency_ms=100.0).add(latency_ms=900.0).write(tmp_path).priced_log()


def save(log: PricedLog, select: str) -> Decimal:
    return compute_saving(log, store_effect(log, INITIAL_STATE, "lever", select))


def build(log: PricedLog, name: str, select: str, *, is_promised: bool = True) -> WaterfallLever:
    return WaterfallLever(
        name=name, build=lambda state: store_effect(log, state, name, select), is_promised=is_promised
    )


def apply(
    log: PricedLog, promised: Sequence[tuple[str, str]], others: Sequence[tuple[str, str]] = ()
) -> WaterfallCosts:
    return apply_levers(
        log,
        [
            *(build(log, name, select) for name, select in promised),
            *(build(log, name, select, is_promised=False) for name, select in others),
        ],
    )


def test_it_saves_what_avoided_requests_cost(priced_log: PricedLog) -> None:
    assert save(priced_log, AVOID) == D("3.5")


def test_it_moves_tokens_to_the_caches_buckets_at_their_prices(priced_log: PricedLog) -> None:
    saved = save(priced_log, "SELECT 1 AS row, 400000 AS to_read, 100000 AS to_write")
    assert saved == 400_000 * D("0.00000125")


def test_it_prices_what_is_written_for_an_hour_as_such(tmp_path: Path) -> None:
    log = Requests().add(model="claude-sonnet-4-5", fresh_input=100_000).write(tmp_path).priced_log()
    assert save(log, "SELECT 1 AS row, 50000 AS to_write_1h") == -50_000 * D("0.000003")


def test_it_moves_no_more_tokens_than_there_are(priced_log: PricedLog) -> None:
    assert save(priced_log, "SELECT 1 AS row, 9000000 AS to_read, 9000000 AS to_write") == D("1.25")


def test_it_makes_tokens_fresh_again_that_are_no_longer_cached(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=10, cache_read=1_000).write(tmp_path).priced_log()
    assert save(log, "SELECT 1 AS row, 9000 AS less_read") == -1_000 * D("0.00000125")


def test_it_leaves_out_tokens_that_are_no_longer_sent(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=10, cache_read=1_000, output=7).write(tmp_path).priced_log()
    saved = save(log, "SELECT 1 AS row, 99 AS cut_fresh, 400 AS cut_read, 5 AS cut_output")
    assert saved == 10 * D("0.0000025") + 400 * D("0.00000125") + 5 * D("0.00001")


def test_it_puts_another_models_prices_in(priced_log: PricedLog) -> None:
    saved = save(
        priced_log,
        "SELECT 1 AS row, 0.00000015 AS t_fresh, 0.000000075 AS t_read, 0.00000015 AS t_write, 0.0000006 AS t_output",
    )
    assert saved == D("3.5") - D("0.21")


def test_it_credits_what_is_left_to_each_lever_in_turn(priced_log: PricedLog) -> None:
    assert apply(priced_log, [("avoid", AVOID), ("half", HALF)]).spends == (D(7), D("3.5"), D("1.75"))
    assert apply(priced_log, [("half", HALF), ("avoid", AVOID)]).spends == (D(7), D("3.5"), D("1.75"))


def test_each_lever_sees_what_the_ones_before_it_left(priced_log: PricedLog) -> None:
    seen: list[int] = []

    def count_requests(state: LogState) -> LeverEffect | None:
        seen.append(priced_log.fetch_one(f"SELECT count(*) FROM {state.relation} WHERE is_made")[0])
        return None

    counting = WaterfallLever(name="counting", build=count_requests, is_promised=True)
    apply_levers(priced_log, [counting, build(priced_log, "avoid", AVOID), counting])
    assert seen == [2, 1]


def test_it_tries_each_other_lever_at_its_place(priced_log: PricedLog) -> None:
    found = apply(priced_log, [("avoid", AVOID)], [("half", HALF), ("cache", READ_ALL)])
    assert found.adds == (D("1.75"), D("1.25"))


def test_what_a_lever_adds_is_what_the_total_gains_once_it_is_promised(priced_log: PricedLog) -> None:
    avoid, read, half = (("avoid", AVOID), ("read", READ_ALL), ("half", HALF))
    levers = [build(priced_log, *avoid, is_promised=False), build(priced_log, *read), build(priced_log, *half)]
    without, promised = apply_levers(priced_log, levers), apply(priced_log, [avoid, read, half])
    assert without.adds == (without.spends[-1] - promised.spends[-1],)
    assert without.adds[0] == D("1.125")


def test_it_does_the_same_when_asked_again_and_leaves_no_tables(priced_log: PricedLog) -> None:
    levers = [("half", HALF), ("read", READ_ALL)]
    assert apply(priced_log, levers) == apply(priced_log, levers)
    assert {table for table in priced_log.built_tables if table.startswith("state")} == set()


@pytest.mark.parametrize(("quantile", "now"), [(0.5, 500.0), (0.95, 860.0), (0.99, 892.0)])
def test_it_takes_latency_anew_over_the_requests_that_stay(priced_log: PricedLog, quantile: float, now: float) -> None:
    moved = build(priced_log, "moved", "SELECT 2 AS row, true AS leaves")
    for levers, after in (([moved], 100.0), ([], now)):
        (found,) = apply_levers(priced_log, levers, quantiles=[quantile]).latencies
        assert found.quantile == quantile
        assert found.before_ms == pytest.approx(now)
        assert found.after_ms == pytest.approx(after)


@pytest.mark.parametrize(("avoided", "usd"), [(2, "-0.003"), (3, "0.0039")])
def test_what_was_avoided_warms_no_cache_for_what_is_left(avoided: int, usd: str, tmp_path: Path) -> None:
    """Prefixes are cached for 300 s: the third request reads what the second one left, if that one was made."""
    always = {"model": "claude-sonnet-4-5", "fresh_input": 2_000, "blocks": ["a", "b"]}
    log = Requests(always=always).add(0).add(200).add(400).write(tmp_path, block_tokens=1_000).priced_log()
    levers = [
        build(log, "avoid", f"SELECT {avoided} AS row, true AS is_avoided"),
        WaterfallLever(
            name="prompt_cache",
            build=lambda state: store_effect(log, state, "prompt_cache", str(build_effect_sql(log, state))),
            is_promised=True,
        ),
    ]
    _, before, after = apply_levers(log, levers).spends
    assert before - after == D(usd)  # two writes at $0.75 more; or one of them, and a read at $2.70 less per million
