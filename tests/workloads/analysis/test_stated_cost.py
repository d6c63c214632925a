"""The cost that a log states for models without any price: part of the spend, apart everywhere, and out of reach of the
levers. Expected amounts are summed in plain Python."""

import csv
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.i18n.language import ENGLISH
from tests.support.workloads.builder import Log, Requests
from workloads.analysis.allocation import allocate_spend
from workloads.analysis.spend import compute_spend
from workloads.focus.export import COLUMNS, to_focus_csv
from workloads.report.headline import build_headline
from workloads.report.markdown import to_markdown
from workloads.report.tables import build_tables

pytestmark = pytest.mark.slow

D = Decimal
LISTED, HOUSE, ZEROS = "gpt-4o", "house-model", "unknown-to-the-gateway"


def write_mixed_log(tmp_path: Path) -> Log:
    """$2.50 at list price (the log says $99), $3.25 that the log states, and two rows without either."""
    log = Requests(always={"team": "search", "fresh_input": 1_000_000})
    log.add(model=LISTED, logged_cost=D(99))
    log.add(60, model=HOUSE, logged_cost=D(3))
    log.add(120, model=HOUSE, logged_cost=D("0.25"), team="ads")
    log.add(180, model=HOUSE)
    log.add(240, model=ZEROS, logged_cost=D(0))
    return log.write(tmp_path)


def test_the_spend_has_it_apart(tmp_path: Path) -> None:
    spend = compute_spend(write_mixed_log(tmp_path).priced_log())
    assert (spend.total, spend.stated, spend.logged) == (D("5.75"), D("3.25"), D(99))
    assert (spend.priced_requests, spend.stated_requests, spend.unpriced_requests) == (1, 2, 2)
    assert spend.costed_requests == 3
    buckets = spend.buckets
    assert buckets.fresh_input + buckets.cache_read + buckets.cache_write + buckets.output == spend.total - spend.stated
    by_model = {part.name: (part.cost, part.stated) for part in spend.by_model}
    assert by_model == {LISTED: (D("2.5"), 0), HOUSE: (D("3.25"), D("3.25")), ZEROS: (0, 0)}
    assert sum(one.cost for one in spend.over_time) == spend.total


def test_a_price_goes_before_it(tmp_path: Path) -> None:
    spend = compute_spend(write_mixed_log(tmp_path).priced_log(price_in=D(1), price_out=D(1)))
    assert (spend.total, spend.stated, spend.stated_requests) == (D(5), D(0), 0)


def test_a_negative_amount_is_no_cost(tmp_path: Path) -> None:
    log = Requests(always={"model": HOUSE}).add(logged_cost=D(-1)).add(logged_cost=D(2)).write(tmp_path)
    spend = compute_spend(log.priced_log())
    assert (spend.total, spend.unpriced_requests) == (D(2), 1)


def test_each_part_says_how_much_of_it_the_log_states(tmp_path: Path) -> None:
    (teams,) = (one for one in allocate_spend(write_mixed_log(tmp_path).priced_log()).dimensions if one.name == "team")
    parts = {part.name: (part.cost, part.stated, part.unpriced_tokens) for part in teams.parts}
    assert parts == {"search": (D("5.5"), D(3), 2_000_000), "ads": (D("0.25"), D("0.25"), 0)}


def test_levers_save_nothing_on_it_and_the_waterfall_starts_with_the_spend(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 1_000_000, "prompt_hash": "a", "ok": True})
    for second in range(0, 300, 10):
        log.add(second, model=HOUSE, logged_cost=D(1))
    with log.write(tmp_path).analysis() as analysis:
        combination = analysis.combine()
        assert analysis.spend().total == D(30)
        assert all(not estimate.saving for estimate in map(analysis.estimate, ("batch", "response_cache", "retries")))
        assert (combination.spend, combination.total) == (D(30), D(0))
        assert not combination.candidates


def test_every_form_of_the_report_says_so(tmp_path: Path) -> None:
    with write_mixed_log(tmp_path).analysis() as analysis:
        report = analysis.report()
        usage, models = analysis.focus_usage(), analysis.prices.models
    document = report.to_json()
    assert (document["spend"]["total"], document["spend"]["stated"]) == (5.75, 3.25)
    assert document["spend"]["prices"] == "current list price, stated by the log"
    text = to_markdown(report, ENGLISH)
    assert "**Stated by the log:** $3.25 of the spend, for 2 requests of models without a price" in text
    assert "**Stated by the log:** $3.25 (56.5" in text
    assert "| `house-model` | 3 | 3,000,000 | $3.25, stated by the log |" in text
    assert "$5.50, $3.00 of it stated by the log and 2,000,000 tokens without a price" in text
    assert "The log states $3.25 of the spend; it was not computed." in build_headline(report)
    tables = {table.name: table for table in build_tables(report)}
    assert ("stated_by_the_log", None, D("3.25")) in tables["spend-by-token-type"].rows
    _, *lines = csv.reader(io.StringIO(to_focus_csv(usage, models)))
    rows = [dict(zip(COLUMNS, line, strict=True)) for line in lines]
    assert sum(D(row["BilledCost"]) for row in rows) == D("5.75")
    stated = [row for row in rows if row["x_PriceSource"] == "stated by the log"]
    assert {row["x_Model"] for row in stated} == {HOUSE}
    assert {row["x_TokenType"] for row in stated} == {"other"}
    assert sum(D(row["BilledCost"]) for row in stated) == D("3.25")


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "model": st.sampled_from([LISTED, HOUSE, ZEROS, None]),
            "fresh_input": st.integers(0, 5_000_000),
            "logged_cost": st.none() | st.decimals(-2, 50, places=4),
        }
    ),
    min_size=1,
    max_size=8,
)


@settings(
    max_examples=settings().max_examples // 4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=ROWS)
def test_an_independent_sum_agrees(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    log = Requests()
    for row in rows:
        log.add(**row)
    sums: dict[str | None, Decimal] = {}
    for row in rows:
        sums[row["model"]] = sums.get(row["model"], D(0)) + (row["logged_cost"] or 0)
    priced = sum((D("2.5") * row["fresh_input"] / 1_000_000 for row in rows if row["model"] == LISTED), D(0))
    stated = sum(
        (
            row["logged_cost"]
            for row in rows
            if row["model"] != LISTED and sums[row["model"]] > 0 and (row["logged_cost"] or -1) >= 0
        ),
        D(0),
    )
    spend = compute_spend(log.write(tmp_path_factory.mktemp("log")).priced_log())
    assert (spend.total, spend.stated) == (priced + stated, stated)
