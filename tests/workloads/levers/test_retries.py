from decimal import Decimal
from pathlib import Path

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis, Bound
from workloads.levers.retries import LEVER, WINDOW_SECONDS

MILLION = {"model": "gpt-4o", "fresh_input": 1_000_000}  # $2.50
PRICE = Decimal("2.5")


def test_it_counts_failures_and_needless_repeats_but_not_the_answer_that_was_needed(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "prompt_hash": "p"})
    log.add(0, ok=False).add(1, ok=False).add(2, ok=True).add(3, ok=True).add(4, ok=True)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.saving == 4 * PRICE
    assert (found.basis, found.bound, found.headline) == (Basis.OBSERVED, Bound.LOWER, True)
    assert {one.label: one.value for one in found.evidence} == {
        "failed calls": 2,
        "cost of failed calls": 2 * PRICE,
        "unnecessary retries": 2,
        "cost of unnecessary retries": 2 * PRICE,
    }


def test_it_leaves_alone_what_is_no_retry(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "ok": True, "prompt_hash": "p", "end_user": "a"})
    log.add(0, ok=False)
    log.add(1).add(2 + WINDOW_SECONDS)  # the needed answer, and a repeat long after
    log.add(3, end_user="b").add(4, end_user="b")  # somebody else's
    log.add(5, prompt_hash="q").add(6, prompt_hash="q")  # nothing failed
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == PRICE


def test_it_counts_failures_alone_without_prompt_hashes(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add(ok=False).add(ok=True).write(tmp_path).priced_log())
    assert found.saving == PRICE
    assert [one.column for one in found.unknowns] == ["prompt_hash"]


def test_it_has_no_steps_where_nothing_failed(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add(ok=True).write(tmp_path).priced_log())
    assert found.saving == 0
    assert found.steps == ()


def test_it_is_unknown_where_the_log_does_not_tell_failures(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add().write(tmp_path).priced_log())
    assert (found.saving, found.basis) == (None, Basis.UNKNOWN)
    assert [one.column for one in found.unknowns] == ["status"]


def test_it_counts_failures_alone_without_times(tmp_path: Path) -> None:
    log = Requests(always={**MILLION, "prompt_hash": "p"}).add(0, ok=False).add(1, ok=True).add(2, ok=True)
    found = LEVER.estimate(log.timeless(tmp_path).priced_log())
    assert found.saving == PRICE
    assert [one.column for one in found.unknowns] == ["time"]
    assert [one.label for one in found.evidence] == ["failed calls", "cost of failed calls"]
    assert "Retries are not counted because they can't be identified in the log" in found.assumptions


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    log = (
        Requests(always={**MILLION, "output": 1000, "prompt_hash": "p"})
        .add(0, ok=False)
        .add(1, ok=True)
        .add(2, ok=True)
    )
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    costs = {one.label: one.value for one in found.evidence if one.unit == "USD"}
    assert found.formula.split(";")[0] == " + ".join(costs)
    assert found.saving == sum(Decimal(cost) for cost in costs.values()) == 2 * (PRICE + Decimal("0.01"))


def test_its_formula_leaves_out_the_repeats_that_it_does_not_count(tmp_path: Path) -> None:
    found = LEVER.estimate(Requests(always=MILLION).add(ok=False).add(ok=True).write(tmp_path).priced_log())
    assert "retries" not in found.formula
