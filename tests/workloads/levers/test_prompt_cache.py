from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.estimate import Basis, Bound, Estimate
from workloads.levers.prompt_cache import LEVER

pytestmark = pytest.mark.slow

D = Decimal
BLOCK = 1000


def blocks(count: int, tail: str = "") -> list[str]:
    """`count` shared blocks, the last one of its own if there is a tail."""
    return [f"b{n}" for n in range(count - bool(tail))] + ([tail] if tail else [])


def requests(model: str = "gpt-4o", **values: Any) -> Requests:
    return Requests(always={"model": model, **values})


def write_log(log: Requests, tmp_path: Path) -> Log:
    return log.write(tmp_path, block_tokens=BLOCK)


def estimate_saving(log: Requests, tmp_path: Path) -> Estimate:
    return LEVER.estimate(write_log(log, tmp_path).priced_log())


def test_it_reads_hits_at_the_read_price_in_steps_of_128(tmp_path: Path) -> None:
    log = requests(fresh_input=3000, blocks=blocks(3, "x")).add(0).add(1, blocks=blocks(3, "y"))
    found = estimate_saving(log, tmp_path)
    hit = 1024 + (2000 - 1024) // 128 * 128
    assert found.saving == hit * D("0.00000125")
    assert (found.basis, found.bound, found.headline) == (Basis.MODELLED, Bound.ESTIMATE, True)
    assert found.evidence[0].value == hit


def test_it_drops_hits_under_the_providers_minimum(tmp_path: Path) -> None:
    log = requests(fresh_input=1000, blocks=blocks(1)).add(0).add(1)
    assert estimate_saving(log, tmp_path).saving == 0


def test_it_promises_the_best_setting_that_can_be_run(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=3000)
    log.add(0, blocks=blocks(3, "x")).add(1, blocks=blocks(3, "y")).add(2, blocks=blocks(3, "z"))
    found = estimate_saving(log, tmp_path)
    read, write, million = D(3) - D("0.3"), D("3.75") - D(3), D(1_000_000)
    everything = (2 * 2000 * read - (3000 + 2 * 1000) * write) / million
    from_second_use = (2000 * read - 2000 * write) / million
    foresight = (2 * 2000 * read - 2000 * write) / million
    assert found.saving == everything > from_second_use
    assert found.details[0]["saving_usd"] == from_second_use
    assert found.details[0]["saving_if_all_is_written_usd"] == everything
    assert found.details[0]["most_usd"] == foresight
    assert any("Every prefix is written and cached for 5 min" in one for one in found.assumptions)
    assert "mark the end of every prompt for caching, for 5 min" in found.steps[0].step


def test_foresight_is_a_bound_beside_it_and_never_the_saving(tmp_path: Path) -> None:
    """Twenty prompts, of which one pair shares a prefix: nobody could know in advance which."""
    log = requests("claude-sonnet-4-5", fresh_input=2000)
    for n in range(18):
        log.add(n, blocks=[f"x{n}", f"y{n}"])
    found = estimate_saving(log.add(30, blocks=blocks(2)).add(31, blocks=blocks(2)), tmp_path)
    assert found.saving == 0
    assert (found.steps, found.headline) == ((), True)
    (most,) = (one.value for one in found.evidence if one.label.startswith("at most, if it were known"))
    assert most == 2000 * (D("2.7") - D("0.75")) / 1_000_000


def test_it_writes_from_the_second_use_on_where_most_prompts_come_once(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000)
    for n in range(9):
        log.add(n, blocks=[f"x{n}", f"y{n}"])
    for n in range(4):
        log.add(30 + n, blocks=blocks(2))
    found = estimate_saving(log, tmp_path)
    assert found.saving == (2 * 2000 * D("2.7") - 2000 * D("0.75")) / 1_000_000
    assert "mark a prefix for caching once it was sent before, for 5 min" in found.steps[0].step


def test_it_chooses_an_hour_where_that_saves_more_and_pays_its_price(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2)).add(0).add(1000).add(2000).add(3000)
    found = estimate_saving(log, tmp_path)
    assert found.saving == (3 * 2000 * D("2.7") - 2000 * D(3)) / 1_000_000
    assert "for 1 h" in found.steps[0].step


def test_caching_everything_can_lose_money_where_nothing_is_read_again(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000).add(0, blocks=["a", "b"]).add(1, blocks=["c", "d"])
    found = estimate_saving(log, tmp_path)
    assert found.saving == 0
    assert [line["saving_if_all_is_written_usd"] for line in found.details] == [
        -4000 * D("0.00000075"),
        -4000 * D("0.000003"),
    ]


def test_requests_of_one_instant_dont_read_what_is_not_yet_written(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2))
    for _ in range(100):
        log.add(0)
    assert estimate_saving(log, tmp_path).saving == 0


@pytest.mark.parametrize(("first_token", "latency", "is_read"), [(900.0, 5000.0, True), (None, 5000.0, False)])
def test_a_prefix_is_read_once_its_writer_has_answered(
    tmp_path: Path, first_token: float | None, latency: float, is_read: bool
) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2), latency_ms=latency)
    log.add(0, first_token_ms=first_token).add(1, first_token_ms=first_token)
    assert (estimate_saving(log, tmp_path).saving or 0) == (2000 * D("0.00000195") if is_read else 0)


@pytest.mark.parametrize("fate", [{"ok": False}, {"service_tier": "batch"}])
def test_failures_and_batches_warm_no_cache(tmp_path: Path, fate: dict[str, Any]) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2)).add(0, ok=True).add(1, **fate)
    assert estimate_saving(log.add(299), tmp_path).saving == 2000 * D("0.00000195")
    late = requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2)).add(0, ok=True).add(200, **fate).add(400)
    folder = tmp_path / "late"
    folder.mkdir()
    assert estimate_saving(late, folder).saving == 0


def test_a_provider_that_caches_by_itself_is_a_bound_unless_the_log_tells(tmp_path: Path) -> None:
    log = requests(fresh_input=2048, blocks=blocks(3)).add(0).add(1)
    without = frozenset({"at", "model", "fresh_input", "blocks"})
    found = LEVER.estimate(log.write(tmp_path, block_tokens=BLOCK, columns=without).priced_log())
    assert found.saving == 2048 * D("0.00000125")
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["cached_tokens"]


def test_such_a_bound_is_not_added_to_what_can_be_marked(tmp_path: Path) -> None:
    log = requests(fresh_input=2048, blocks=blocks(3)).add(0).add(1)
    log.add(2, model="claude-sonnet-4-5").add(3, model="claude-sonnet-4-5")
    without = frozenset({"at", "model", "fresh_input", "blocks"})
    found = LEVER.estimate(log.write(tmp_path, block_tokens=BLOCK, columns=without).priced_log())
    assert found.saving == (2048 * D("2.7") - 2048 * D("0.75")) / 1_000_000
    assert (found.bound, found.headline) == (Bound.ESTIMATE, True)
    (most,) = (one.value for one in found.evidence if one.label == "at most, by providers that cache by themselves")
    assert most == 2048 * D("0.00000125")


@pytest.mark.parametrize(("model", "second", "is_read"), [("gpt-4o", 301, False), ("gpt-5.6-sol", 1800, True)])
def test_it_keeps_prefixes_for_the_providers_time(tmp_path: Path, model: str, second: int, is_read: bool) -> None:
    found = estimate_saving(requests(model, fresh_input=2048, blocks=blocks(3)).add(0).add(second), tmp_path)
    assert (found.evidence[0].value == 2048) is is_read


@pytest.mark.parametrize(("logged", "saved"), [(0, 2048), (1024, 1024), (2048, 0)])
def test_it_never_saves_again_what_was_cached_already(tmp_path: Path, logged: int, saved: int) -> None:
    log = requests(blocks=blocks(3)).add(0, fresh_input=2048).add(1, fresh_input=2048 - logged, cache_read=logged)
    assert estimate_saving(log, tmp_path).saving == saved * D("0.00000125")


def test_it_writes_nothing_twice_where_the_log_shows_the_write(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", blocks=blocks(2)).add(0, cache_write=2000).add(1, fresh_input=2000)
    assert estimate_saving(log, tmp_path).saving == 2000 * D("0.0000027")


def test_it_tells_how_many_reads_a_write_needs_to_break_even(tmp_path: Path) -> None:
    found = estimate_saving(requests("claude-sonnet-4-5", fresh_input=2000, blocks=blocks(2)).add(0).add(1), tmp_path)
    (even,) = (one.value for one in found.evidence if one.unit == "reads")
    assert even == D("0.278")  # (1.25 - 1) / (1 - 0.1)


def test_it_keeps_a_models_proportions_under_given_prices(tmp_path: Path) -> None:
    log = requests(fresh_input=2048, blocks=blocks(3)).add(0).add(1)
    priced_log = write_log(log, tmp_path).priced_log(price_in=D(10), price_out=D(10))
    assert LEVER.estimate(priced_log).saving == 2048 * D("0.000005")


def test_it_bounds_by_sessions_where_there_are_no_hashes(tmp_path: Path) -> None:
    log = requests(session="s", fresh_input=0)
    log.add(0, fresh_input=1500).add(100, fresh_input=2048).add(200, fresh_input=1152).add(500, fresh_input=2048)
    log.add(501, session="t", fresh_input=5000).add(502, session=None, fresh_input=5000)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    steps = 1024 + (1500 - 1024) // 128 * 128
    assert found.saving == (steps + 1152) * D("0.00000125")
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["blocks"]


def test_it_is_unknown_without_hashes_and_sessions(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(fresh_input=1).add().write(tmp_path).priced_log())
    assert (found.saving, found.basis) == (None, Basis.UNKNOWN)
    assert [one.column for one in found.unknowns] == ["blocks", "session"]


def test_it_is_unknown_where_no_cache_price_is(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 2048, "blocks": blocks(3)}).add(0).add(1)
    found = LEVER.estimate(write_log(log, tmp_path).priced_log(price_in=D(1), price_out=D(1)))
    assert found.saving is None
    assert [one.column for one in found.unknowns] == ["model"]


def test_it_is_an_upper_bound_without_times(tmp_path: Path) -> None:
    log = requests(fresh_input=3000, blocks=blocks(3, "x")).add(0).add(99_999, blocks=blocks(3, "y"))
    found = LEVER.estimate(log.timeless(tmp_path, block_tokens=BLOCK).priced_log())
    assert found.saving == (1024 + (2000 - 1024) // 128 * 128) * D("0.00000125")
    assert (found.bound, found.headline, found.details) == (Bound.UPPER, False, ())
    assert [one.column for one in found.unknowns] == ["time"]
    assert any("the log has no times" in one for one in found.assumptions)


def test_it_bounds_sessions_without_times_by_the_files_order(tmp_path: Path) -> None:
    log = requests(fresh_input=2048, session="s").add(0).add(99_999)
    found = LEVER.estimate(log.timeless(tmp_path).priced_log())
    assert found.saving == 2048 * D("0.00000125")
    assert (found.bound, [one.column for one in found.unknowns]) == (Bound.UPPER, ["blocks", "time"])


@pytest.mark.parametrize(("model", "said"), [("grok-4", True), ("gpt-4o", False), ("claude-sonnet-4-5", False)])
def test_it_says_where_cache_rules_are_taken_from_another_provider(tmp_path: Path, model: str, said: bool) -> None:
    log = requests(fresh_input=3000, blocks=blocks(3)).add(0, model=model).add(1, model="gpt-4o")
    rule = "OpenAI's caching rules (from 1,024 tokens, 5 min) are applied to grok-4, whose own rules are undocumented"
    assert (rule in estimate_saving(log, tmp_path).assumptions) is said


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    log = requests("claude-sonnet-4-5", fresh_input=3000)
    log.add(0, blocks=blocks(3, "x")).add(1, blocks=blocks(3, "y"))
    found = estimate_saving(log, tmp_path)
    reads, writes, *_ = (D(one.value) for one in found.evidence)
    assert found.formula == (
        "additional cache reads × (fresh input price − cache-read price) "
        "− additional cache writes × (cache-write price − fresh input price)"
    )
    assert found.saving == (reads * (3 - D("0.3")) - writes * (D("3.75") - 3)) / 1_000_000 > 0


def test_its_formula_writes_nothing_where_sessions_bound_it(tmp_path: Path) -> None:
    log = requests(session="s", fresh_input=2048).add(0).add(1)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.formula == "input that sessions could read from the cache × (fresh input price − cache-read price)"
    assert found.saving == 2048 * (D("2.5") - D("1.25")) / 1_000_000
