from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis, Bound
from workloads.levers.retries import LEVER, WINDOW_SECONDS

pytestmark = pytest.mark.slow

D = Decimal
MILLION = {"model": "gpt-4o", "fresh_input": 1_000_000}  # $2.50
PRICE = Decimal("2.5")


def test_it_promises_needless_repeats_but_not_the_answer_that_was_needed(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "prompt_hash": "p"})
    log.add(0, ok=False, error="500").add(1, ok=False, error="408 timeout", provider="azure")
    log.add(2, ok=True).add(3, ok=True).add(4, ok=True)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.saving == 2 * PRICE
    assert (found.basis, found.bound, found.headline) == (Basis.OBSERVED, Bound.LOWER, True)
    assert {str(one.label): one.value for one in found.evidence} == {
        "failed calls": 2,
        "failed calls that are billed, at most avoidable": PRICE,
        "tokens of failed calls that providers don't bill, though the spend counts them": PRICE,
        "unnecessary retries": 2,
        "cost of unnecessary retries": 2 * PRICE,
    }


@pytest.mark.parametrize(
    ("failure", "billed"),
    [
        ({"error": "429"}, False),
        ({"error": "500"}, False),
        ({"error": "503 overloaded"}, False),
        ({"error": "504 timeout"}, False),
        ({"error": "529"}, False),
        ({"error": "rate_limit_error"}, False),
        ({"error": "400", "provider": "openai"}, False),
        ({"error": "400 content_filter", "provider": "azure"}, True),
        ({"error": "timeout"}, False),  # unknown
        ({"error": "500", "logged_cost": D("2.5")}, True),
        ({"error": "timeout", "logged_cost": D(1)}, True),
        ({"error": "408", "provider": "azure", "logged_cost": D(0)}, False),
        ({"error": "499"}, False),  # billed, but no failure
        ({"error": "client_closed_request", "logged_cost": D(1)}, False),
    ],
)
def test_only_failures_that_are_billed_can_be_saved_and_at_most(
    tmp_path: Path, failure: dict[str, Any], billed: bool
) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add(ok=False, **failure).add(ok=True).write(tmp_path).priced_log())
    assert found.saving == (PRICE if billed else 0)
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["prompt_hash"]


def test_a_response_that_the_user_cancelled_is_no_failure_to_retry(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "prompt_hash": "p", "ok": True})
    log.add(0, ok=False, error="499").add(1).add(2)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.saving == 0
    values = {str(one.label): one.value for one in found.evidence}
    assert values["failed calls"] == 0
    assert values["responses that were cancelled, which are billed"] == PRICE


def test_it_leaves_alone_what_is_no_retry(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "ok": True, "prompt_hash": "p", "end_user": "a"})
    log.add(0, ok=False)
    log.add(1).add(2 + WINDOW_SECONDS)  # the needed answer, and a repeat long after
    log.add(3, end_user="b").add(4, end_user="b")  # somebody else's
    log.add(5, prompt_hash="q").add(6, prompt_hash="q")  # nothing failed
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 0


def test_it_has_no_steps_where_nothing_failed(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add(ok=True).write(tmp_path).priced_log())
    assert found.saving == 0
    assert found.steps == ()


def test_it_is_unknown_where_the_log_does_not_tell_failures(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add().write(tmp_path).priced_log())
    assert (found.saving, found.basis) == (None, Basis.UNKNOWN)
    assert [one.column for one in found.unknowns] == ["status"]


def test_it_bounds_failures_without_times(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "prompt_hash": "p"})
    log.add(0, ok=False, error="timeout", logged_cost=D(1)).add(1, ok=True).add(2, ok=True)
    found = LEVER.estimate(log.timeless(tmp_path).priced_log())
    assert found.saving == PRICE
    assert (found.bound, found.headline) == (Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["time"]
    assert "Retries are not counted because they can't be identified in the log" in found.assumptions
    assert "retries" not in found.formula


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "output": 1000, "prompt_hash": "p"})
    found = LEVER.estimate(log.add(0, ok=False).add(1, ok=True).add(2, ok=True).write(tmp_path).priced_log())
    costs = {str(one.label): one.value for one in found.evidence if one.unit == "USD"}
    assert found.saving == costs[found.formula.split(";")[0]] == PRICE + D("0.01")
