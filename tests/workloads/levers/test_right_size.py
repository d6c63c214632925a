from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.right_size import LEVER, MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS, SMALLER_MODELS
from workloads.pricing.price_list import PriceList
from workloads.pricing.rates import list_rates

D = Decimal
SAVED = 1000 * (D("2.5") - D("0.15")) / 1_000_000 + 100 * (D(10) - D("0.6")) / 1_000_000


def requests(**values: Any) -> Requests:
    return Requests(always={"model": "gpt-4o", "fresh_input": 1000, "output": 100, **values})


@pytest.mark.parametrize(("model", "smaller"), SMALLER_MODELS.items())
def test_every_smaller_model_is_in_the_price_list_and_cheaper(model: str, smaller: str) -> None:
    strong, weak = (PriceList().find(name) for name in (model, smaller))
    assert strong is not None
    assert weak is not None
    assert (strong[1].id, weak[1].id) == (model, smaller)
    dear, cheap = list_rates(strong[1])[0], list_rates(weak[1])[0]
    assert cheap.fresh < dear.fresh
    assert cheap.output < dear.output


def test_it_saves_the_difference_in_price_on_simple_requests(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add().add().write(tmp_path).priced_log())
    assert found.saving == 2 * SAVED
    assert (found.basis, found.headline) == (Basis.NEEDS_EVALUATION, False)
    (line,) = found.details
    assert (line["smaller_model"], line["requests"], line["saving_usd"]) == ("gpt-4o-mini", 2, 2 * SAVED)


@pytest.mark.parametrize(
    "other",
    [
        {"fresh_input": MAX_INPUT_TOKENS, "cache_read": 1},
        {"output": MAX_OUTPUT_TOKENS + 1},
        {"has_tools": True},
        {"ok": False},
        {"model": "gpt-4o-mini"},
    ],
)
def test_it_leaves_other_requests_where_they_are(tmp_path: Path, other: dict[str, Any]) -> None:
    assert LEVER.estimate(requests().add().add(**other).write(tmp_path).priced_log()).saving == SAVED


def test_it_leaves_requests_whose_given_price_is_lower_already(tmp_path: Path) -> None:
    priced_log = requests().add().write(tmp_path).priced_log(price_in=D("0.1"), price_out=D("0.1"))
    found = LEVER.estimate(priced_log)
    assert found.saving == 0
    assert found.steps == ()


def test_it_takes_latency_from_the_smaller_models_own_requests(tmp_path: Path) -> None:
    log = requests(latency_ms=800.0).add().add(model="gpt-4o-mini", latency_ms=300.0)
    (line,) = LEVER.estimate(log.write(tmp_path).priced_log()).details
    assert line["latency"] == "p95 800 ms now, 300 ms with the smaller model in this log"


def test_it_leaves_latency_unverified_where_there_are_none(tmp_path: Path) -> None:
    (line,) = LEVER.estimate(requests(latency_ms=800.0).add().write(tmp_path).priced_log()).details
    assert line["latency"] == "unverified"


def test_it_is_unknown_without_a_model(tmp_path: Path) -> None:
    priced_log = requests(model=None).add().write(tmp_path).priced_log(price_in=D(1), price_out=D(2))
    found = LEVER.estimate(priced_log)
    assert found.saving is None
    assert [one.column for one in found.unknowns] == ["model"]


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(cache_read=100).add().write(tmp_path).priced_log())
    million = D(1_000_000)
    now = (1000 * D("2.5") + 100 * D("1.25") + 100 * D(10)) / million
    then = (1000 * D("0.15") + 100 * D("0.075") + 100 * D("0.6")) / million
    wanted = "cost of simple requests − cost of the same tokens at the smaller model's prices"
    assert (found.saving, found.formula.split(";")[0]) == (now - then, wanted)
