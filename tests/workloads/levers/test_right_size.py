from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.repricing.smaller_models import (
    MAX_INPUT_TOKENS,
    MAX_OUTPUT_TOKENS,
    SMALLER_MODELS,
    get_token_ratio,
)
from workloads.levers.right_size import LEVER
from workloads.pricing.assumptions import LeverAnswer
from workloads.pricing.own_prices import OwnPrice
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


@pytest.mark.slow
def test_it_saves_the_difference_in_price_on_simple_requests(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add().add().write(tmp_path).priced_log())
    assert found.saving == 2 * SAVED
    assert (found.basis, found.headline) == (Basis.NEEDS_EVALUATION, False)
    (line,) = found.details
    assert (line["smaller_model"], line["requests"], line["saving_usd"]) == ("gpt-4o-mini", 2, 2 * SAVED)


@pytest.mark.slow
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


@pytest.mark.slow
def test_it_leaves_requests_whose_given_price_is_lower_already(tmp_path: Path) -> None:
    priced_log = requests().add().write(tmp_path).priced_log(price_in=D("0.1"), price_out=D("0.1"))
    found = LEVER.estimate(priced_log)
    assert found.saving == 0
    assert found.steps == ()


@pytest.mark.slow
def test_it_takes_latency_from_the_smaller_models_own_requests(tmp_path: Path) -> None:
    log = requests(latency_ms=800.0).add().add(model="gpt-4o-mini", latency_ms=300.0)
    (line,) = LEVER.estimate(log.write(tmp_path).priced_log()).details
    assert line["latency"] == "p95 800 ms now, 300 ms with the smaller model in this log"


@pytest.mark.slow
def test_it_leaves_latency_unverified_where_there_are_none(tmp_path: Path) -> None:
    (line,) = LEVER.estimate(requests(latency_ms=800.0).add().write(tmp_path).priced_log()).details
    assert line["latency"] == "unverified"


@pytest.mark.slow
def test_it_is_unknown_without_a_model(tmp_path: Path) -> None:
    priced_log = requests(model=None).add().write(tmp_path).priced_log(price_in=D(1), price_out=D(2))
    found = LEVER.estimate(priced_log)
    assert found.saving is None
    assert [one.column for one in found.unknowns] == ["model"]


@pytest.mark.slow
def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(cache_read=100).add().write(tmp_path).priced_log())
    million = D(1_000_000)
    now = (1000 * D("2.5") + 100 * D("1.25") + 100 * D(10)) / million
    then = (1000 * D("0.15") + 100 * D("0.075") + 100 * D("0.6")) / million
    wanted = "cost of simple requests − cost of the same tokens at the smaller model's prices of the same day"
    assert (found.saving, found.formula.split(",")[0]) == (now - then, wanted)


@pytest.mark.slow
def test_a_smaller_model_that_does_not_cache_the_prefix_saves_nothing(tmp_path: Path) -> None:
    """Sonnet reads 2,000 tokens from its cache; Haiku 4.5 caches nothing under 4,096, and would cost twice as much."""
    log = Requests(always={"model": "claude-sonnet-4-5", "cache_read": 1950, "fresh_input": 50, "output": 30})
    found = LEVER.estimate(log.add().add().write(tmp_path).priced_log())
    now = (1950 * D("0.3") + 50 * D(3) + 30 * D(15)) / 1_000_000
    then = (2000 * D(1) + 30 * D(5)) / 1_000_000
    assert then > now
    assert found.saving == 0
    assert found.steps == ()
    assert "would cost more" in str(found.evidence[0].value)


@pytest.mark.slow
def test_a_feature_is_routed_only_if_all_of_its_requests_together_cost_less(tmp_path: Path) -> None:
    log = Requests(always={"model": "claude-sonnet-4-5", "fresh_input": 50, "output": 30})
    log.add(feature="cached", cache_read=1950).add(feature="cached", cache_read=1950).add(feature="plain")
    plain = (50 * D(2) + 30 * D(10)) / 1_000_000
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == plain


@pytest.mark.slow
def test_prices_of_both_models_are_those_of_the_requests_day(tmp_path: Path) -> None:
    """o3 cost $10 and $40 per million tokens until 2025-06-10, then $2 and $8."""
    log = Requests(always={"model": "o3", "fresh_input": 1000, "output": 100})
    found = LEVER.estimate(log.add(-366 * 86_400).write(tmp_path).priced_log())
    assert found.saving == (1000 * (D(10) - D("1.1")) + 100 * (D(40) - D("4.4"))) / 1_000_000


@pytest.mark.slow
def test_a_target_is_bought_at_the_tier_of_the_request(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(service_tier="batch").add().write(tmp_path).priced_log())
    assert found.saving == SAVED / 2


@pytest.mark.slow
@pytest.mark.parametrize("large", [{"fresh_input": 2001}, {"output": 301}, {"has_tools": True}, {"reasoning": 50}])
def test_a_feature_with_large_requests_is_not_simple(tmp_path: Path, large: dict[str, Any]) -> None:
    log = requests(feature="mixed")
    for number in range(20):
        log.add(**(large if number < 2 else {}))
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 0


@pytest.mark.slow
def test_a_feature_with_one_large_request_in_twenty_is_simple_and_keeps_that_one(tmp_path: Path) -> None:
    log = requests(feature="triage")
    for number in range(20):
        log.add(fresh_input=5000 if number == 3 else 1000)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 19 * SAVED


@pytest.mark.slow
def test_another_tokenizer_is_a_range_and_the_saving_its_lower_end(tmp_path: Path) -> None:
    assert get_token_ratio("gpt-4o", "gpt-4o-mini").is_known
    assert get_token_ratio("claude-opus-4-6", "claude-haiku-4-5").is_known
    assert not get_token_ratio("claude-opus-4-8", "claude-haiku-4-5").is_known
    log = Requests(always={"model": "claude-opus-4-8", "fresh_input": 1000, "output": 100})
    found = LEVER.estimate(log.add().write(tmp_path).priced_log())
    now, then = (1000 * D(5) + 100 * D(25)) / 1_000_000, (1000 * D(1) + 100 * D(5)) / 1_000_000
    assert found.saving == now - then * D("1.35")
    best = next(one.value for one in found.evidence if "fewest" in one.label)
    assert round(D(best), 9) == now - then * D("0.75")


@pytest.mark.slow
def test_a_cascade_pays_from_the_ratio_of_the_costs(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add().write(tmp_path).priced_log())
    share = next(one.value for one in found.evidence if one.unit == "share" and "accepted" in one.label)
    assert share == pytest.approx(0.06)


def allow(feature: str, value: bool) -> dict[str, Any]:
    return {"answers": (LeverAnswer(lever="right_size", scope=feature, value=value),)}


@pytest.mark.slow
def test_a_feature_that_may_use_a_smaller_model_counts_whatever_its_requests_are(tmp_path: Path) -> None:
    log = requests(feature="triage").add().add(fresh_input=50_000, has_tools=True).add(feature="chat")
    found = LEVER.estimate(log.write(tmp_path).priced_log(**allow("triage", True)))
    large = (50_000 * (D("2.5") - D("0.15")) + 100 * (D(10) - D("0.6"))) / 1_000_000
    assert found.saving == SAVED + large
    assert (found.basis, found.headline) == (Basis.MODELLED, True)


@pytest.mark.slow
def test_a_feature_that_may_not_is_left_out(tmp_path: Path) -> None:
    log = requests(feature="triage").add().add(feature="chat")
    found = LEVER.estimate(log.write(tmp_path).priced_log(**allow("triage", False)))
    assert (found.saving, found.headline) == (SAVED, False)


@pytest.mark.slow
def test_any_model_of_the_list_may_be_the_target(tmp_path: Path) -> None:
    log = requests().add().add(model="gpt-4.1-nano")
    found = LEVER.estimate(log.write(tmp_path).priced_log(target_model="gpt-4.1-nano"))
    assert found.saving == (1000 * (D("2.5") - D("0.1")) + 100 * (D(10) - D("0.4"))) / 1_000_000
    (line,) = found.details
    assert (line["smaller_model"], line["requests"]) == ("gpt-4.1-nano", 1)


@pytest.mark.slow
def test_the_users_own_price_for_the_target_counts(tmp_path: Path) -> None:
    own = OwnPrice(model="gpt-4o-mini", fresh_input=D(1), output=D(2))
    found = LEVER.estimate(requests().add().write(tmp_path).priced_log(model_prices=(own,)))
    assert found.saving == (1000 * (D("2.5") - D(1)) + 100 * (D(10) - D(2))) / 1_000_000


@pytest.mark.slow
def test_it_asks_about_each_feature_that_would_save_something(tmp_path: Path) -> None:
    log = requests(feature="triage").add().add().add(feature="chat").add(feature="hard", fresh_input=90_000)
    found = LEVER.estimate(log.write(tmp_path).priced_log(**allow("chat", False)))
    asked = {one.scope: (one.answer, one.saving) for one in found.questions}
    assert asked == {"triage": (None, 2 * SAVED), "chat": (False, 0)}


@pytest.mark.slow
def test_a_yes_is_a_step_of_the_waterfall_and_what_is_open_a_candidate(tmp_path: Path) -> None:
    log = requests(feature="triage").add().add(feature="chat").add(feature="chat").write(tmp_path)
    with log.analysis(**allow("triage", True)) as analysis:
        found = analysis.combine(("right_size",))
    assert [(step.lever, step.saving) for step in found.waterfall] == [("right_size", SAVED)]
    assert [(one.scope, one.adds) for one in found.candidates] == [("chat", 2 * SAVED)]
