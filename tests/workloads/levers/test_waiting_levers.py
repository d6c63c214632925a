from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis
from workloads.levers.base import estimate_saving
from workloads.levers.registry import LEVERS
from workloads.pricing.assumptions import LeverAnswer

pytestmark = pytest.mark.slow

D = Decimal
DAY = 86_400
NIGHT = -10 * 3_600  # from START, at noon: 02:00
COLUMNS = {"streamed": False, "feature": "nightly"}


def nightly(days: int = 4, a_day: int = 8, *, start: int = NIGHT, **always: Any) -> Requests:
    """Requests of one feature, every night from 02:00 on."""
    log = Requests(always={"fresh_input": 1_000_000, "output": 100_000, **COLUMNS, **always})
    for day in range(days):
        for number in range(a_day):
            log.add(start + day * DAY + number * 60)
    return log


def answer(lever: str, value: bool, scope: str = "nightly") -> dict[str, Any]:
    return {"answers": (LeverAnswer(lever=lever, scope=scope, value=value),)}


CASES = [
    # lever, columns, USD now and then of one request of a million tokens in and 100,000 out
    ("flex", {"model": "gpt-5"}, D("2.25"), D("1.125")),
    ("priority", {"model": "gpt-5", "service_tier": "priority"}, D("4.5"), D("2.25")),
    ("off_peak", {"model": "deepseek-v4-flash"}, D("0.42"), D("0.168")),
]


@pytest.fixture(params=CASES, ids=[case[0] for case in CASES])
def case(request: pytest.FixtureRequest) -> Iterator[Any]:
    return request.param  # type: ignore[no-any-return]


def test_it_asks_about_scheduled_work_and_promises_nothing_until_it_is_confirmed(tmp_path: Path, case: Any) -> None:
    name, columns, now, then = case
    log = nightly(**columns).write(tmp_path)
    found = LEVERS[name].estimate(log.priced_log())
    assert (found.saving, found.headline, found.basis) == (32 * (now - then), False, Basis.MODELLED)
    (question,) = found.questions
    assert (question.scope, question.saving, question.answer) == ("nightly", 32 * (now - then), None)


def test_a_yes_brings_it_into_the_headline_and_a_no_takes_it_out(tmp_path: Path, case: Any) -> None:
    name, columns, now, then = case
    log = nightly(**columns).write(tmp_path)
    yes = LEVERS[name].estimate(log.priced_log(**answer(name, True)))
    no = LEVERS[name].estimate(log.priced_log(**answer(name, False)))
    assert (yes.saving, yes.headline) == (32 * (now - then), True)
    assert no.saving == 0
    assert not no.headline
    assert not no.steps


def test_what_may_wait_for_a_batch_may_wait_here(tmp_path: Path, case: Any) -> None:
    name, columns, *_ = case
    found = LEVERS[name].estimate(nightly(**columns).write(tmp_path).priced_log(**answer("batch", True)))
    assert found.headline


def test_live_traffic_is_not_promised(tmp_path: Path, case: Any) -> None:
    name, columns, *_ = case
    log = Requests(always={"fresh_input": 1000, "output": 100, "streamed": True, "feature": "chat", **columns})
    for number in range(60):
        log.add(number * 1777)
    assert LEVERS[name].estimate(log.write(tmp_path).priced_log()).saving == 0


def test_on_sums_it_is_unknown(tmp_path: Path, case: Any) -> None:
    name, columns, *_ = case
    log = nightly(is_sum=True, requests=5, **columns).write(tmp_path)
    assert estimate_saving(LEVERS[name], log.priced_log()).saving is None


@pytest.mark.parametrize("tier", ["batch", "flex"])
def test_what_is_batch_or_flex_already_gets_no_cheaper(tmp_path: Path, tier: str) -> None:
    log = nightly(model="gpt-5", service_tier=tier).write(tmp_path).priced_log()
    assert [LEVERS[name].estimate(log).saving for name in ("flex", "off_peak", "priority")] == [0, 0, 0]


def test_a_model_without_such_a_price_saves_nothing(tmp_path: Path) -> None:
    log = nightly(model="gpt-4o").write(tmp_path).priced_log()
    assert [LEVERS[name].estimate(log).saving for name in ("flex", "off_peak", "priority")] == [0, 0, 0]


def test_the_price_of_the_day_counts(tmp_path: Path) -> None:
    """In May 2025, o3 cost $10 and $40 per million tokens; its flex price of today, $1 and $4, is half of today's."""
    log = nightly(model="o3", start=NIGHT - 366 * DAY).write(tmp_path).priced_log()
    assert LEVERS["flex"].estimate(log).saving == 32 * D("14") / 2


def test_batch_and_flex_exclude_each_other(tmp_path: Path) -> None:
    """Both are confirmed; the batch comes first, and flex finds nothing left."""
    log = nightly(model="gpt-5").write(tmp_path)
    answers = (
        LeverAnswer(lever="batch", scope="nightly", value=True),
        LeverAnswer(lever="flex", scope="nightly", value=True),
    )
    with log.analysis(answers=answers) as analysis:
        found = analysis.combine(("batch", "flex"))
    assert found.spend == 32 * D("2.25")
    assert found.total == 32 * D("1.125")
    assert [step.saving for step in found.waterfall] == [32 * D("1.125"), 0]


def test_a_request_that_is_standard_instead_of_priority_stays_standard(tmp_path: Path) -> None:
    log = nightly(model="gpt-5", service_tier="priority").write(tmp_path)
    with log.analysis(**answer("priority", True)) as analysis:
        found = analysis.combine(("priority", "flex"))
    assert [step.lever for step in found.waterfall] == ["priority"]
    assert found.total == 32 * D("2.25")
