from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import Requests
from workloads.checks.check import Check, CheckState
from workloads.checks.stated_spend import UNEXPLAINED, check_stated_spend

pytestmark = pytest.mark.slow

D = Decimal
MILLION = D(1_000_000)
Row = dict[str, int]

# List prices of claude-sonnet-4-5 in USD per million tokens, written down by hand.
FRESH, READ, WRITE, HOUR, OUTPUT = D(3), D("0.3"), D("3.75"), D(6), D(15)
ROWS: list[Row] = [
    {"fresh_input": 1000 + 37 * n, "cache_read": 20_000 + 411 * n, "cache_write": 3000, "cache_write_1h": 1000,
     "output": 500 + 13 * n * n, "reasoning": 100 + n}
    for n in range(8)
]  # fmt: skip


def cost(row: Row, fresh: D = FRESH, read: D = READ, write: D = WRITE, hour: D = HOUR, output: D = OUTPUT) -> D:
    hours = row.get("cache_write_1h", 0)
    total = row["fresh_input"] * fresh + row.get("cache_read", 0) * read + hours * hour + row["output"] * output
    return (total + (row.get("cache_write", 0) - hours) * write) / MILLION


def check(folder: Path, state: Callable[[Row], D], rows: list[Row] = ROWS, model: str = "claude-sonnet-4-5") -> Check:
    log = Requests(always={"model": model})
    for row in rows:
        log.add(**row, logged_cost=round(state(row), 9))
    return check_stated_spend(log.write(folder).priced_log())


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (lambda row: cost(row) / 2, "the price of batch requests"),
        (lambda row: D(0), "no cost at all"),
        (lambda row: cost(row, read=FRESH, write=FRESH, hour=FRESH), "cached tokens at the price of fresh input"),
        (lambda row: cost(row, read=READ + FRESH), "tokens read from the cache counted twice"),
        (lambda row: cost(row, read=READ + FRESH, write=WRITE + FRESH, hour=HOUR + FRESH), "cached tokens counted tw"),
        (lambda row: cost(row, write=D(0), hour=D(0)), "cache writes left out"),
        (lambda row: cost(row, write=FRESH, hour=FRESH), "cache writes at the price of fresh input"),
        (lambda row: cost(row, read=D(0)), "tokens read from the cache left out"),
        (lambda row: cost(row, hour=WRITE), "cache writes at the price of five minutes"),
        (lambda row: cost(row, write=HOUR), "cache writes at the price of an hour"),
        (lambda row: cost(row) + row["reasoning"] * OUTPUT / MILLION, "reasoning tokens beside the output"),
        (lambda row: cost(row) - row["reasoning"] * OUTPUT / MILLION, "reasoning tokens inside the output"),
        (lambda row: cost(row, output=D(0)), "the input only"),
        (lambda row: row["output"] * OUTPUT / MILLION, "the output only"),
        (lambda row: cost(row) * D("0.88"), "12.0% less than our price: a discount"),
        (lambda row: cost(row) * D("1.055"), "5.5% more than our price: a gateway's margin"),
        (lambda row: cost(row) * 100, "cents instead of dollars"),
    ],
)
def test_it_names_the_cause_that_explains_every_row(tmp_path: Path, state: Callable[[Row], D], words: str) -> None:
    found = check(tmp_path, state)
    stated, computed = sum(map(state, ROWS), D(0)), sum(map(cost, ROWS), D(0))
    assert found.state is CheckState.FAILED
    assert found.causes[0].what.startswith(words)
    assert found.causes[0].rows == len(ROWS)
    assert abs(sum(cause.amount or 0 for cause in found.causes) - (stated - computed)) < D("1e-6")


def test_it_finds_other_prices(tmp_path: Path) -> None:
    rows = [{"fresh_input": 1000 * n, "output": 900 + 31 * n * n} for n in range(1, 9)]
    found = check(tmp_path, lambda row: (row["fresh_input"] * 2 + row["output"] * 12) / MILLION, rows)
    assert found.causes[0].what.startswith("other prices: $2 input and $12 output per million tokens")


def test_it_divides_a_difference_among_rows_and_leaves_the_rest_unexplained(tmp_path: Path) -> None:
    places = {id(row): place for place, row in enumerate(ROWS)}

    def state(row: Row) -> D:
        place = places[id(row)]
        return cost(row) / 2 if place < 3 else cost(row) * (place + 2) if place > 5 else cost(row)

    found = check(tmp_path, state)
    causes = {str(cause.what): cause for cause in found.parts[0].causes}
    batches = next(cause for words, cause in causes.items() if "batch" in words)
    assert batches.amount == round(-sum(map(cost, ROWS[:3]), D(0)) / 2, 9)
    assert (batches.rows, causes[str(UNEXPLAINED)].rows) == (3, 2)
    assert sum(cause.amount or 0 for cause in found.parts[0].causes) == found.parts[0].difference


def test_it_passes_within_a_per_cent_of_each_model_and_within_rounding(tmp_path: Path) -> None:
    assert check(tmp_path, lambda row: cost(row) * D("1.009")).state is CheckState.PASSED
    small = [{"fresh_input": 400 + n, "output": 10} for n in range(8)]
    (tmp_path / "cents").mkdir()
    assert check(tmp_path / "cents", lambda row: round(cost(row), 2), small).state is CheckState.PASSED


def test_one_model_does_not_hide_another(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 100_000})
    log.add(model="gpt-4o", logged_cost=D("0.2")).add(model="claude-sonnet-4-5", logged_cost=D("0.35"))
    found = check_stated_spend(log.write(tmp_path).priced_log())
    assert found.state is CheckState.FAILED
    assert {part.model: part.difference for part in found.parts} == {
        "gpt-4o": D("-0.05"),
        "claude-sonnet-4-5": D("0.05"),
    }


def test_it_is_unknown_without_both_costs(tmp_path: Path) -> None:
    log = Requests().add(model="gpt-4o", fresh_input=5)
    assert check_stated_spend(log.write(tmp_path).priced_log()).state is CheckState.UNKNOWN
    (tmp_path / "other").mkdir()
    log = Requests().add(model="mine", fresh_input=5, logged_cost=D(1))
    assert check_stated_spend(log.write(tmp_path / "other").priced_log()).state is CheckState.UNKNOWN


def test_the_order_of_rows_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "reversed").mkdir()
    state: Callable[[Row], D] = lambda row: cost(row) / 2 if row["fresh_input"] % 2 else cost(row, read=FRESH)  # noqa: E731
    one, other = check(tmp_path, state), check(tmp_path / "reversed", state, ROWS[::-1])
    assert one == other


def test_of_many_rows_a_sample_is_scaled_to_the_exact_difference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workloads.checks.stated_spend.MAX_JUDGED_ROWS", 20)
    rows = [ROWS[n % len(ROWS)] for n in range(80)]
    found = check(tmp_path, lambda row: cost(row) / 2, rows)
    assert [cause.what.startswith("the price of batch") for cause in found.parts[0].causes] == [True]
    assert abs((found.parts[0].causes[0].amount or 0) - found.parts[0].difference) < D("1e-9")


def test_it_finds_one_price_for_all_input(tmp_path: Path) -> None:
    rows = [{"fresh_input": 1000 * n, "cache_read": 300 * n * n, "output": 900 + 31 * n} for n in range(1, 9)]
    found = check(
        tmp_path, lambda row: ((row["fresh_input"] + row["cache_read"]) * 2 + row["output"] * 9) / MILLION, rows
    )
    assert found.causes[0].what.startswith("other prices: $2 input, cached or not, and $9 output")
