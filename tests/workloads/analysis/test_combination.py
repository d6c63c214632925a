from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import Requests
from workloads.analysis.combination import Combination

pytestmark = pytest.mark.slow

D = Decimal
EACH = D("2.5")


def busy() -> Requests:
    """Six requests of $2.50. Two repeat another, the last one is a needless retry; no dates tell what could wait."""
    fit = {"model": "gpt-4o", "fresh_input": 1_000_000, "ok": True, "temperature": 0.0, "has_tools": False}
    log = Requests(always={**fit, "latency_ms": 100.0, "end_user": "alice"})
    log.add(0, prompt_hash="a").add(1, prompt_hash="a").add(2, prompt_hash="a")
    retried = {"prompt_hash": "b", "temperature": 0.7}
    return log.add(3, ok=False, **retried).add(4, **retried).add(5, **retried)


def combine_levers(tmp_path: Path, log: Requests | None = None, **wishes: Any) -> Combination:
    with (log or busy()).write(tmp_path, relative_clock=True).analysis() as analysis:
        return analysis.combine(**wishes)


def test_it_applies_the_promised_levers_one_after_the_other(tmp_path: Path) -> None:
    found = combine_levers(tmp_path)
    assert [(drop.lever, drop.before, drop.saving, drop.after) for drop in found.waterfall] == [
        ("retries", 6 * EACH, EACH, 5 * EACH),
        ("response_cache", 5 * EACH, 2 * EACH, 3 * EACH),
    ]
    assert (found.spend, found.total, found.share) == (6 * EACH, 3 * EACH, 0.5)


def test_it_counts_a_request_that_two_levers_avoid_once(tmp_path: Path) -> None:
    log = busy().add(20, prompt_hash="c", ok=False).add(21, prompt_hash="c").add(22, prompt_hash="c")
    with log.write(tmp_path).analysis() as analysis:
        singles = [analysis.estimate(name).saving or D(0) for name in ("retries", "response_cache")]
        assert sum(singles) == 5 * EACH
        assert analysis.combine().total == 4 * EACH


def test_it_keeps_bounds_out_of_the_waterfall_and_says_what_they_would_add(tmp_path: Path) -> None:
    found = combine_levers(tmp_path)
    assert [(one.lever, one.adds) for one in found.candidates] == [("batch", 3 * EACH / 2)]


@pytest.mark.parametrize(
    ("goal", "met", "gap", "closes"), [(50, True, 0, False), (70, False, 3, True), (90, False, 6, False)]
)
def test_it_says_what_is_left_to_the_goal(tmp_path: Path, goal: int, met: bool, gap: int, closes: bool) -> None:
    found = combine_levers(tmp_path, goal_percent=goal)
    assert (found.goal_met, found.gap) == (met, D(gap))
    assert found.candidates[0].closes is closes


def test_it_has_no_opinion_on_a_goal_that_was_not_set(tmp_path: Path) -> None:
    found = combine_levers(tmp_path)
    assert (found.goal_percent, found.goal_met, found.gap, found.guard) == (None, None, None, None)


def test_it_combines_only_the_levers_that_are_named(tmp_path: Path) -> None:
    found = combine_levers(tmp_path, names=("response_cache",))
    assert [drop.lever for drop in found.waterfall] == ["response_cache"]
    assert found.candidates == ()


@pytest.mark.parametrize(
    "wishes", [{"goal_percent": 0}, {"goal_percent": 101}, {"guard": "p42"}, {"names": ("magic",)}]
)
def test_it_refuses_wishes_that_cannot_be(tmp_path: Path, wishes: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        combine_levers(tmp_path, **wishes)


@pytest.mark.parametrize(("metric", "before"), [("p50", 100.0), ("p95", 580.0), ("p99", 676.0)])
def test_it_guards_latency_over_the_requests_that_stay(tmp_path: Path, metric: str, before: float) -> None:
    slow = busy()
    slow.rows[5]["latency_ms"] = 700.0  # the needless retry, which leaves
    slow.rows[4]["latency_ms"] = 220.0
    guard = combine_levers(tmp_path, slow, guard=metric).guard
    assert guard is not None
    assert (guard.metric, guard.verdict) == (metric, "kept")
    assert guard.before_ms == pytest.approx(before)
    stay = {"p50": 100.0, "p95": 196.0, "p99": 215.2}
    assert guard.after_ms == pytest.approx(stay[metric])
    assert guard.speeds == dict.fromkeys(("retries", "response_cache"), "no request gets slower")


def test_it_does_not_call_a_guard_kept_where_the_fast_requests_leave(tmp_path: Path) -> None:
    log = busy()
    for row, latency in zip(log.rows, (100.0, 200.0, 300.0, 400.0, 500.0, 10.0), strict=True):
        row["latency_ms"] = latency
    guard = combine_levers(tmp_path, log, guard="p50").guard
    assert guard is not None
    assert (guard.before_ms, guard.after_ms, guard.verdict) == (250.0, 300.0, "worse")
    assert "is higher" in guard.note


def test_it_cannot_guard_what_is_not_logged(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=1, ok=False)
    guard = combine_levers(tmp_path, log, guard="p95").guard
    assert guard is not None
    assert (guard.verdict, guard.before_ms) == ("unknown", None)
    assert "latency_ms" in guard.note


def test_it_promises_nothing_of_a_log_without_prices(tmp_path: Path) -> None:
    found = combine_levers(tmp_path, Requests().add(model="mine", fresh_input=5, ok=False), goal_percent=30)
    assert (found.spend, found.total, found.waterfall) == (D(0), D(0), ())
    assert found.goal_met is None
