from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.levers.provisioned import LEVER
from workloads.pricing.assumptions import LeverAnswer

pytestmark = pytest.mark.slow

D = Decimal
HOUR = 3_600


def busy() -> Requests:
    """Three requests within two hours, $2.50 and a million tokens each; two are in the same minute."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000})
    return log.add(0).add(30).add(2 * HOUR)


def unit(throughput: str, price: str) -> dict[str, Any]:
    says = (("tokens_per_second", throughput), ("usd_per_hour", price))
    return {"answers": tuple(LeverAnswer(lever="provisioned", scope=scope, value=D(value)) for scope, value in says)}


def evidence(found: Any) -> dict[str, Any]:
    return {str(fact.label): fact.value for fact in found.evidence}


def test_it_counts_the_units_that_the_busiest_minute_needs(tmp_path: Path) -> None:
    """2 million tokens in a minute are 33,333.3 a second: four units of 10,000, for two hours."""
    found = LEVER.estimate(busy().write(tmp_path).priced_log(**unit("10000", "0.5")))
    assert evidence(found)["units of capacity"] == 4
    assert found.saving == D("7.5") - 4 * D("0.5") * 2
    assert not found.headline
    assert evidence(found)["price of a unit per hour below which capacity pays"] == D("7.5") / 2 / 4


@pytest.mark.parametrize(("price", "saved"), [("0.9374", True), ("0.9375", False), ("999999", False)])
def test_it_breaks_even_where_the_units_cost_what_the_tokens_do(tmp_path: Path, price: str, saved: bool) -> None:
    found = LEVER.estimate(busy().write(tmp_path).priced_log(**unit("10000", price)))
    assert bool(found.saving) is saved
    assert bool(found.steps) is saved


@pytest.mark.parametrize("answers", [{}, {"answers": unit("10000", "1")["answers"][:1]}])
def test_without_what_a_unit_is_it_is_unknown_and_says_what_it_takes(tmp_path: Path, answers: dict[str, Any]) -> None:
    found = LEVER.estimate(busy().write(tmp_path).priced_log(**answers))
    assert found.saving is None
    assert found.unknowns
    assert "units" in found.formula
    assert evidence(found)["its tokens per second in the busiest minute"] == D("33333.333")


@pytest.mark.parametrize("value", ["0", "-1", "1E+30", "1E-30", "1E-2000000"])
def test_an_impossible_unit_is_no_answer(tmp_path: Path, value: str) -> None:
    assert LEVER.estimate(busy().write(tmp_path).priced_log(**unit(value, "1"))).saving is None


def test_without_times_it_is_unknown(tmp_path: Path) -> None:
    found = LEVER.estimate(busy().timeless(tmp_path).priced_log(**unit("10000", "0.5")))
    assert found.saving is None
    assert "time" in [one.column for one in found.unknowns]


def test_a_dearer_unit_never_saves_more(tmp_path: Path) -> None:
    stored = busy().write(tmp_path)
    saved = [LEVER.estimate(stored.priced_log(**unit("10000", str(price)))).saving or D(0) for price in range(1, 4)]
    assert saved == sorted(saved, reverse=True)
