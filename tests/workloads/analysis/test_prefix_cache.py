from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.prefix_cache import HitRate, PrefixCache, measure_prefix_cache

pytestmark = pytest.mark.slow

BLOCK = 100


def measure(log: Requests, tmp_path: Path) -> PrefixCache:
    return measure_prefix_cache(log.write(tmp_path, block_tokens=BLOCK).priced_log())


def hits(log: Requests, tmp_path: Path) -> dict[int | None, tuple[int, int]]:
    return {rate.ttl_seconds: (rate.hit_tokens, rate.hit_blocks) for rate in measure(log, tmp_path).rates}


def test_it_counts_blocks_seen_before(tmp_path: Path) -> None:
    log = Requests().add(0, fresh_input=300, blocks=["a", "b", "c"]).add(1, fresh_input=300, blocks=["a", "b", "x"])
    found = measure(log, tmp_path)
    expected = HitRate(ttl_seconds=300, by_tokens=200 / 600, by_blocks=2 / 6, hit_tokens=200, hit_blocks=2)
    assert found.rates[0] == expected
    assert (found.requests, found.input_tokens, found.blocks) == (2, 600, 6)


def test_it_stops_at_the_first_miss(tmp_path: Path) -> None:
    log = Requests().add(0, fresh_input=300, blocks=["a", "b", "c"]).add(1, fresh_input=300, blocks=["a", "x", "c"])
    assert hits(log, tmp_path)[None] == (100, 1)


def test_it_takes_a_partial_last_block_for_what_it_is(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 250, "blocks": ["a", "b", "c"]}).add(0).add(1)
    assert hits(log, tmp_path)[300] == (250, 3)


@pytest.mark.parametrize(
    ("gap", "hit"), [(300, {300, 600, 3600, None}), (301, {600, 3600, None}), (3600, {3600, None}), (9999, {None})]
)
def test_it_forgets_a_block_after_the_ttl(tmp_path: Path, gap: int, hit: set[int | None]) -> None:
    log = Requests(always={"fresh_input": 100, "blocks": ["a"]}).add(0).add(gap)
    assert {ttl for ttl, found in hits(log, tmp_path).items() if found == (100, 1)} == hit


def test_it_renews_a_block_on_each_use(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 100, "blocks": ["a"]}).add(0).add(250).add(500).add(750)
    assert hits(log, tmp_path)[300] == (300, 3)


def test_it_shares_no_block_between_models(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 100, "blocks": ["a"]}).add(0, model="gpt-4o").add(1, model="gpt-4.1")
    assert hits(log, tmp_path)[None] == (0, 0)


def test_it_replays_in_time_order_not_in_file_order(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 100}).add(1000, blocks=["a"]).add(0, blocks=["a"]).add(900, blocks=["a"])
    assert hits(log, tmp_path)[300] == (100, 1)


def test_it_measures_only_requests_that_carry_blocks(tmp_path: Path) -> None:
    log = Requests().add(0, fresh_input=100, blocks=["a"]).add(1, fresh_input=900).add(2, fresh_input=50, blocks=["a"])
    found = measure(log, tmp_path)
    assert (found.requests, found.input_tokens) == (2, 150)
    assert found.rates[0].by_tokens == pytest.approx(50 / 150)


def test_it_is_unknown_without_blocks(tmp_path: Path) -> None:
    found = measure_prefix_cache(Requests().add(fresh_input=75, cache_read=25).write(tmp_path).priced_log())
    assert found.rates == ()
    assert found.unknown is not None
    assert found.unknown.column == "blocks"
    assert found.logged_share == 0.25


def test_it_knows_only_the_cache_that_forgets_nothing_without_times(tmp_path: Path) -> None:
    log = (
        Requests(always={"fresh_input": 100, "blocks": ["a"]}).add(0).add(99_999).timeless(tmp_path, block_tokens=BLOCK)
    )
    found = measure_prefix_cache(log.priced_log())
    assert [(rate.ttl_seconds, rate.hit_tokens) for rate in found.rates] == [(None, 100)]
    assert found.in_file_order
    assert found.unknown is not None
    assert found.unknown.column == "time"


def test_it_counts_a_prompt_that_is_cached_throughout(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 200, "blocks": ["a", "b"]}).add(0).add(1).add(2)
    found = measure(log, tmp_path)
    assert (found.requests, found.input_tokens, found.blocks) == (3, 600, 6)
    assert (found.rates[0].hit_tokens, found.rates[0].hit_blocks) == (400, 4)
