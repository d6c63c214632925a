from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis, Bound
from workloads.levers import response_cache
from workloads.levers.response_cache import LEVER, TTL

pytestmark = pytest.mark.slow

PRICE = Decimal("2.5")


def requests(**values: Any) -> Requests:
    fit = {"temperature": 0.0, "has_tools": False, "prompt_hash": "p", "model": "gpt-4o", "fresh_input": 1_000_000}
    fit["end_user"] = "alice"
    return Requests(always={**fit, **values})


def test_it_saves_every_repeat_but_the_first(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add(0).add(10).add(20).add(30, prompt_hash="q").write(tmp_path).priced_log())
    assert found.saving == 2 * PRICE
    assert (found.basis, found.bound, found.headline) == (Basis.MODELLED, Bound.ESTIMATE, True)
    assert found.evidence[0].value == 2


def test_it_keeps_an_answer_from_when_it_was_stored(tmp_path: Path) -> None:
    """Uses don't renew it: the third request comes after its end, and its answer is stored again."""
    log = requests().add(0).add(TTL).add(TTL + 1).add(2 * TTL).write(tmp_path).priced_log()
    found = LEVER.estimate(log)
    assert found.saving == 2 * PRICE
    assert [(line["kept_for"], line["repeats"]) for line in found.details] == [
        ("1 h", 1),
        ("24 h", 2),
        ("no expiry", 3),
    ]


def test_prompts_that_are_counted_in_parts_repeat_as_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = requests()
    for n in range(40):
        log.add(n, prompt_hash=f"p{n % 11}", end_user="ab"[n % 2])
    written = log.write(tmp_path)
    whole = LEVER.estimate(written.priced_log())
    monkeypatch.setattr(response_cache, "PROMPTS_AT_ONCE", 7)
    assert LEVER.estimate(written.priced_log()) == whole
    assert whole.saving == 18 * PRICE


def test_it_promises_a_cache_per_user_and_says_what_a_shared_one_would_save(tmp_path: Path) -> None:
    log = requests().add(0).add(10).add(20, end_user="bob").add(30, end_user=None)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert (found.saving, found.headline) == (PRICE, True)
    (shared,) = (one.value for one in found.evidence if one.label == "saving if answers may be shared by all users")
    assert shared == 3 * PRICE
    assert [line["saving_if_shared_usd"] for line in found.details] == [3 * PRICE] * 3


def test_it_is_an_upper_bound_where_no_users_are_logged(tmp_path: Path) -> None:
    found = LEVER.estimate(requests(end_user=None).add(0).add(1).write(tmp_path).priced_log())
    assert found.saving == PRICE
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["user"]


def test_a_repeat_of_a_request_in_progress_is_a_call_of_its_own(tmp_path: Path) -> None:
    log = requests(latency_ms=5_000.0).add(0).add(0).add(4.9).add(5).add(5)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 2 * PRICE


def test_requests_of_one_instant_are_all_made(tmp_path: Path) -> None:
    log = requests()
    for _ in range(100):
        log.add(0)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 0


@pytest.mark.parametrize(
    "other", [{"temperature": 0.7}, {"temperature": None}, {"has_tools": True}, {"model": "gpt-4.1"}]
)
def test_it_answers_only_what_is_fit_for_a_cache(tmp_path: Path, other: dict[str, Any]) -> None:
    found = LEVER.estimate(requests().add(0).add(1, **other).write(tmp_path).priced_log())
    assert found.saving == 0
    assert found.steps == ()


def test_it_never_serves_a_failed_answer(tmp_path: Path) -> None:
    log = requests(ok=True).add(0, ok=False).add(1).add(2)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == PRICE


@pytest.mark.parametrize(("column", "field"), [("temperature", "temperature"), ("has_tools", "tools")])
def test_it_is_an_upper_bound_where_fitness_is_not_logged(tmp_path: Path, column: str, field: str) -> None:
    found = LEVER.estimate(requests(**{column: None}).add(0).add(1).write(tmp_path).priced_log())
    assert found.saving == PRICE
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == [field]


def test_it_is_unknown_without_prompt_hashes(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests().add(model="gpt-4o").write(tmp_path).priced_log())
    assert found.saving is None
    assert [one.column for one in found.unknowns] == ["prompt_hash"]


def test_it_is_an_upper_bound_without_times(tmp_path: Path) -> None:
    found = LEVER.estimate(requests().add(0).add(5 * TTL).add(1, prompt_hash="q").timeless(tmp_path).priced_log())
    assert found.saving == PRICE
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["time"]
    assert [line["kept_for"] for line in found.details] == ["no expiry"]


def test_its_formula_names_the_time_only_where_it_counts(tmp_path: Path) -> None:
    log = requests().add(0).add(10).add(TTL + 1)
    (tmp_path / "timeless").mkdir()
    timed = LEVER.estimate(log.write(tmp_path).priced_log())
    timeless = LEVER.estimate(log.timeless(tmp_path / "timeless").priced_log())
    assert (timed.saving, timeless.saving) == (PRICE, 2 * PRICE)
    assert timed.formula.startswith("cost of exact repeats by the same user within 24 h of storing the answer;")
    assert timeless.formula.startswith("cost of exact repeats;")
