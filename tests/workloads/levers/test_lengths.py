from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.length_levers import CONTEXT_LENGTH, OUTPUT_LENGTH
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import LeverAnswer

pytestmark = pytest.mark.slow

D = Decimal
M = 1_000_000


def requests(**values: Any) -> Requests:
    """Twenty alike requests of one feature."""
    log = Requests(always={"model": "gpt-4o", "feature": "chat", "fresh_input": 1_000, "output": 100, **values})
    for _ in range(20):
        log.add()
    return log


def target(lever: str, tokens: int) -> dict[str, Any]:
    return {"answers": (LeverAnswer(lever=lever, scope="chat", value=D(tokens)),)}


def test_an_answer_above_three_medians_is_too_long(tmp_path: Path) -> None:
    found = OUTPUT_LENGTH.estimate(requests().add(output=1_000).write(tmp_path).priced_log())
    assert found.saving == 700 * D(10) / M
    assert (found.basis, found.headline) == (Basis.NEEDS_EVALUATION, False)
    (line,) = found.details
    assert (line["feature"], line["median"], line["target"], line["tokens"]) == ("chat", 100, 300, 700)
    (asked,) = found.quantities
    assert (asked.scope, asked.answer) == ("chat", None)
    assert str(asked.finding) == "Half have at most 100; 1 request has more than 300."


def test_a_prompt_above_three_medians_is_too_long(tmp_path: Path) -> None:
    found = CONTEXT_LENGTH.estimate(requests().add(fresh_input=5_000).write(tmp_path).priced_log())
    assert found.saving == 2_000 * D("2.5") / M


def test_a_trimmed_token_that_was_cached_saves_only_the_read_price(tmp_path: Path) -> None:
    log = requests().add(fresh_input=500, cache_read=4_500)
    assert CONTEXT_LENGTH.estimate(log.write(tmp_path).priced_log()).saving == 2_000 * D("1.25") / M


def test_what_is_written_to_the_cache_is_not_cut(tmp_path: Path) -> None:
    log = requests(model="claude-sonnet-4-5").add(fresh_input=500, cache_write=4_500)
    assert CONTEXT_LENGTH.estimate(log.write(tmp_path).priced_log()).saving == 500 * D(3) / M


def test_a_prompt_that_gets_below_a_limit_has_the_lower_price(tmp_path: Path) -> None:
    log = requests(model="gpt-5.4", fresh_input=60_000, output=10).add(fresh_input=300_000, output=10)
    now, then = (300_000 * D(5) + 10 * D("22.5")) / M, (180_000 * D("2.5") + 10 * D(15)) / M
    assert CONTEXT_LENGTH.estimate(log.write(tmp_path).priced_log()).saving == now - then


@pytest.mark.parametrize(
    ("lever", "saved"), [("output_length", 20 * 60 * D(10)), ("context_length", 20 * 960 * D("2.5"))]
)
def test_the_users_own_target_counts(tmp_path: Path, lever: str, saved: Decimal) -> None:
    log = requests().write(tmp_path).priced_log(**target(lever, 40))
    assert LEVERS[lever].estimate(log).saving == saved / M


def test_a_higher_target_never_saves_more(tmp_path: Path) -> None:
    log = requests()
    for number in range(10):
        log.add(output=150 * number)
    stored = log.write(tmp_path)
    saved = [
        OUTPUT_LENGTH.estimate(stored.priced_log(**target("output_length", tokens))).saving or D(0)
        for tokens in (0, 50, 100, 400, 1_000, 9_999)
    ]
    assert saved == sorted(saved, reverse=True)
    assert saved[0] == sum(row["output"] for row in log.rows) * D(10) / M
    assert saved[-1] == 0


@pytest.mark.parametrize("lever", ["output_length", "context_length"])
def test_a_feature_with_few_requests_has_no_target(tmp_path: Path, lever: str) -> None:
    log = Requests(always={"model": "gpt-4o", "feature": "rare", "fresh_input": 10, "output": 1}).add().add()
    found = LEVERS[lever].estimate(log.add(fresh_input=90_000, output=9_000).write(tmp_path).priced_log())
    assert found.saving == 0
    assert not found.steps


@pytest.mark.parametrize("lever", ["output_length", "context_length"])
def test_without_features_it_is_unknown(tmp_path: Path, lever: str) -> None:
    found = LEVERS[lever].estimate(requests(feature=None).write(tmp_path).priced_log())
    assert found.saving is None
    assert [one.column for one in found.unknowns] == ["feature"]


@pytest.mark.parametrize("scope", ["cha't", "chat'; DROP TABLE x; --", "chat\0", "", "x" * 300])
def test_a_target_for_a_feature_that_the_log_lacks_changes_nothing(tmp_path: Path, scope: str) -> None:
    answers = (
        LeverAnswer(lever="output_length", scope=scope, value=D(1)),
        LeverAnswer(lever="right_size", scope=scope, value=True),
    )
    log = requests().write(tmp_path).priced_log(answers=answers)
    assert OUTPUT_LENGTH.estimate(log).saving == 0
    assert LEVERS["right_size"].estimate(log).saving == 0
