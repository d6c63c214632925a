from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from workloads.analysis.spend import MAX_PARTS, compute_spend
from workloads.pricing.prices import OTHERS

pytestmark = pytest.mark.slow

D = Decimal


def test_it_sums_what_is_priced_and_counts_what_is_not(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=1_000_000, output=100_000).add(model="mine", fresh_input=9)
    found = compute_spend(log.write(tmp_path).priced_log())
    assert found.total == D("3.5")
    assert (found.priced_requests, found.unpriced_requests) == (1, 1)
    assert (found.buckets.fresh_input, found.buckets.output) == (D("2.5"), D(1))


def test_it_splits_by_model_and_feature_the_dearest_first(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 1_000_000})
    log.add(model="gpt-4o-mini", feature="chat").add(model="gpt-4o").add(model="gpt-4o", feature="chat")
    found = compute_spend(log.write(tmp_path).priced_log())
    assert [(part.name, part.requests, part.cost) for part in found.by_model] == [
        ("gpt-4o", 2, D(5)),
        ("gpt-4o-mini", 1, D("0.15")),
    ]
    assert [(part.name, part.cost) for part in found.by_feature] == [("chat", D("2.65")), (None, D("2.5"))]


def test_it_gathers_what_is_too_much_to_list(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000})
    for n in range(MAX_PARTS + 3):
        log.add(feature=f"feature {n:03}")
    found = compute_spend(log.write(tmp_path).priced_log())
    assert len(found.by_feature) == MAX_PARTS + 1
    assert (found.by_feature[-1].name, found.by_feature[-1].requests) == (OTHERS, 3)
    assert sum(part.cost for part in found.by_feature) == found.total


@pytest.mark.parametrize(
    ("seconds", "period"), [(60, "minute"), (12 * 3600, "hour"), (30 * 86_400, "day"), (500 * 86_400, "month")]
)
def test_it_shows_time_in_buckets_that_fit_the_span(tmp_path: Path, seconds: int, period: str) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000}).add().add(seconds)
    found = compute_spend(log.write(tmp_path).priced_log())
    assert found.period == period
    assert [moment.cost for moment in found.over_time] == [D("2.5"), D("2.5")]
    assert found.over_time[0].start <= START


def test_the_logs_own_cost_counts_only_where_no_price_is_known(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=1_000_000, logged_cost=D("9.99")).add(model="x", logged_cost=D(1))
    found = compute_spend(log.write(tmp_path).priced_log())
    assert (found.total, found.logged, found.logged_requests) == (D("3.5"), D("9.99"), 1)


def test_it_is_exact_where_floats_are_not(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o-mini", "fresh_input": 1})
    for _ in range(10):
        log.add()
    assert compute_spend(log.write(tmp_path).priced_log()).total == D("0.0000015")


def test_it_has_no_course_over_time_without_times(tmp_path: Path) -> None:
    found = compute_spend(Requests().add(model="gpt-4o", fresh_input=1_000_000).timeless(tmp_path).priced_log())
    assert (found.total, found.period, found.over_time) == (D("2.5"), None, ())
