import random
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.workloads.builder import Requests
from workloads.analysis.combination import Combination
from workloads.analysis.estimate import Basis, Bound, Estimate
from workloads.levers.batch import LEVER
from workloads.pricing.assumptions import LeverAnswer

pytestmark = pytest.mark.slow

DAY, HOUR, MINUTE = 86_400, 3_600, 60
TWO_AT_NIGHT = 14 * HOUR  # seconds after the builder's start, which is at noon
PRICE = Decimal("2.5")


def nightly(feature: str | None = "nightly-summaries", days: int = 4, each: int = 5, **values: Any) -> Requests:
    """`each` requests of $2.50 every night from 02:00, the last one at 03:24 UTC."""
    always = {"model": "gpt-4o", "fresh_input": 1_000_000, "feature": feature, **values}
    log = Requests(always=always)
    for day in range(days):
        for n in range(each):
            log.add(day * DAY + TWO_AT_NIGHT + n * 84 * MINUTE / (each - 1))
    return log


def answer(scope: str, value: bool) -> tuple[LeverAnswer, ...]:
    return (LeverAnswer(lever="batch", scope=scope, value=value),)


def estimate(log: Requests, path: Path, source: dict[str, Any] | None = None, **assumptions: Any) -> Estimate:
    return LEVER.estimate(log.write(path, **source or {}).priced_log(**assumptions))


def combine(log: Requests, path: Path, **assumptions: Any) -> Combination:
    with log.write(path).analysis(**assumptions) as analysis:
        return analysis.combine()


def test_it_asks_about_scheduled_work_by_its_name_key_hours_and_price(tmp_path: Path) -> None:
    found = estimate(nightly(api_key="k1").add(5 * HOUR, feature="chat"), tmp_path)
    assert (found.saving, found.headline) == (20 * PRICE / 2, False)
    assert (found.basis, found.bound) == (Basis.MODELLED, Bound.ESTIMATE)
    (question,) = found.questions
    assert question.question == "Can nightly-summaries wait up to 24 h?"
    assert question.finding == "nightly-summaries, one key, 02:00-03:24 UTC, $50.00 → $25.00 as a batch"
    assert (question.scope, question.saving, question.answer) == ("nightly-summaries", 20 * PRICE / 2, None)


@pytest.mark.parametrize("column", ["api_key", "end_user"])
def test_it_finds_scheduled_work_by_key_or_user_if_there_is_no_feature(tmp_path: Path, column: str) -> None:
    always: dict[str, Any] = {column: "job"}
    found = estimate(nightly(feature=None, **always), tmp_path)
    assert [question.scope for question in found.questions] == ["job"]


def test_what_is_not_confirmed_is_a_candidate_and_in_no_total(tmp_path: Path) -> None:
    found = combine(nightly(), tmp_path)
    assert not found.waterfall
    assert not found.total
    assert [(each.lever, each.scope, each.adds) for each in found.candidates] == [
        ("batch", "nightly-summaries", 20 * PRICE / 2)
    ]


def test_what_the_user_confirms_is_in_the_waterfall(tmp_path: Path) -> None:
    log = nightly().add(5 * HOUR, feature="chat")
    found = combine(log, tmp_path, answers=answer("Nightly-Summaries", True))
    assert [(step.lever, step.saving) for step in found.waterfall] == [("batch", 20 * PRICE / 2)]
    assert found.candidates == ()


def test_what_the_user_denies_saves_nothing(tmp_path: Path) -> None:
    found = combine(nightly(), tmp_path, answers=answer("nightly-summaries", False))
    assert (found.waterfall, found.candidates) == ((), ())


def test_a_confirmed_source_need_not_be_scheduled(tmp_path: Path) -> None:
    log = nightly().add(5 * HOUR, feature="chat").add(9 * HOUR, feature="chat")
    found = estimate(log, tmp_path, answers=answer("chat", True))
    assert (found.saving, found.headline) == (PRICE, True)
    assert {question.scope: question.answer for question in found.questions} == {
        "chat": True,
        "nightly-summaries": None,
    }


def test_a_denied_source_stays_even_if_all_traffic_can_wait(tmp_path: Path) -> None:
    log = nightly().add(5 * HOUR, feature="chat")
    both = (*answer("", True), *answer("nightly-summaries", False))
    assert estimate(log, tmp_path, answers=both).saving == PRICE / 2


def test_an_answer_about_an_unknown_name_changes_nothing_and_is_shown(tmp_path: Path) -> None:
    found = estimate(nightly(), tmp_path, answers=answer("nightly", True))
    assert not found.headline
    assert [each.value for each in found.evidence if each.label == "your answers about names that the log lacks"] == [
        "nightly"
    ]


@pytest.mark.parametrize("tier", ["batch", "flex"])
def test_it_leaves_out_what_is_batch_or_flex_already(tmp_path: Path, tier: str) -> None:
    log = nightly(model="gpt-5", service_tier=tier).add(HOUR, service_tier=None)
    assert estimate(log, tmp_path, answers=answer("", True)).saving == Decimal("0.625")


def test_it_leaves_out_models_without_a_batch_price_and_names_them(tmp_path: Path) -> None:
    found = estimate(
        nightly(model="mistral-large-latest").add(HOUR, model="gpt-4o"), tmp_path, answers=answer("", True)
    )
    assert found.saving == PRICE / 2
    assert [each.value for each in found.evidence if each.label == "models without a batch price"] == [
        "mistral-large-latest"
    ]


@pytest.mark.parametrize(
    ("values", "source", "columns"),
    [
        ({"feature": None}, {}, ["feature"]),
        ({}, {"relative_clock": True}, ["time"]),
        ({"is_sum": True, "requests": 10}, {"mapping": {"requests": "n"}}, ["request_id"]),
    ],
)
def test_it_bounds_the_saving_where_the_log_cannot_tell(
    tmp_path: Path, values: dict[str, Any], source: dict[str, Any], columns: list[str]
) -> None:
    found = estimate(nightly(**values), tmp_path, source)
    assert found.saving == 20 * PRICE / 2
    assert (found.basis, found.bound, found.headline) == (Basis.MODELLED, Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == columns


def test_own_prices_without_a_listed_model_are_halved(tmp_path: Path) -> None:
    log = Requests(always={"fresh_input": 1_000_000, "output": 1_000_000}).add(0).add(1)
    found = estimate(log, tmp_path, price_in=Decimal(2), price_out=Decimal(4))
    assert (found.saving, found.bound) == (Decimal(6), Bound.UPPER)
    assert "For your own prices, a batch is assumed to cost half" in found.assumptions


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    found = estimate(nightly(cache_read=400_000), tmp_path)
    now, batch, uncached = (Decimal(one.value) for one in found.evidence if one.unit == "USD")
    assert found.saving == now - batch == 20 * PRICE / 2
    assert uncached == found.saving  # cached input of gpt-4o costs as much as fresh input in a batch
    assert found.formula.startswith("cost of the requests that can wait − cost of the same tokens at batch prices;")


PRICES = {
    # fresh, read, 5-minute write, 1-hour write, output: USD per million, from the providers' pages
    "gpt-4o": (("2.5", "1.25", "2.5", "2.5", "10"), ("1.25", "1.25", "1.25", "1.25", "5")),
    "gpt-5": (("1.25", "0.125", "1.25", "1.25", "10"), ("0.625", "0.0625", "0.625", "0.625", "5")),
    "claude-sonnet-4-5": (("3", "0.3", "3.75", "6", "15"), ("1.5", "0.15", "1.875", "3", "7.5")),
}
NO_BATCH = "mistral-large-latest"


def compute_oracle(rows: Iterable[dict[str, Any]], wanted: frozenset[str]) -> Decimal:
    """What is saved by sending the requests of these features as batches, in plain Python."""
    saved = Decimal(0)
    for row in rows:
        if row["feature"] not in wanted or row["model"] not in PRICES or row["service_tier"]:
            continue
        counts = (
            row["fresh_input"],
            row["cache_read"],
            row["cache_write"] - row["cache_write_1h"],
            row["cache_write_1h"],
            row["output"],
        )
        for tokens, now, batch in zip(counts, *PRICES[row["model"]], strict=True):
            saved += tokens * (Decimal(now) - Decimal(batch)) / 1_000_000
    return saved


@settings(
    max_examples=settings().max_examples // 7,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10_000), confirmed=st.frozensets(st.sampled_from(["a", "b", "c"])))
def test_its_saving_is_that_of_an_independent_calculation(
    tmp_path_factory: pytest.TempPathFactory, seed: int, confirmed: frozenset[str]
) -> None:
    rng = random.Random(seed)
    log = Requests()
    for second in range(30):
        written = rng.randrange(5_000)
        log.add(
            second,
            model=rng.choice([*PRICES, NO_BATCH]),
            feature=rng.choice("abc"),
            service_tier=rng.choice([None, None, "batch"]),
            fresh_input=rng.randrange(50_000),
            cache_read=rng.randrange(50_000),
            cache_write=written,
            cache_write_1h=rng.randrange(written + 1),
            output=rng.randrange(5_000),
        )
    answers = tuple(LeverAnswer(lever="batch", scope=name, value=True) for name in sorted(confirmed))
    found = combine(log, tmp_path_factory.mktemp("log"), answers=answers)
    expected = compute_oracle(log.rows, confirmed)
    assert found.total == expected
    assert found.spend - found.total >= 0
