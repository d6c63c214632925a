from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Requests
from workloads.analysis.estimate import Basis, Bound
from workloads.levers.batch import LEVER

DAY, HOUR = 86_400, 3_600
PRICE = Decimal("2.5")


def nightly(feature: str = "report", days: int = 4, each: int = 5, **values: Any) -> Requests:
    """`each` requests of $2.50 a day, half an hour long at the same time of day."""
    always = {"model": "gpt-4o", "fresh_input": 1_000_000, "streamed": False, "feature": feature, **values}
    log = Requests(always=always)
    for day in range(days):
        for n in range(each):
            log.add(day * DAY + n * 400)
    return log


def test_it_suggests_what_comes_by_the_clock(tmp_path: Path) -> None:
    log = nightly().add(5 * HOUR, streamed=True, feature="chat", session="s")
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.saving == 20 * PRICE / 2
    assert (found.basis, found.bound, found.headline) == (Basis.MODELLED, Bound.ESTIMATE, True)
    assert [one.value for one in found.evidence if one.label == "features or users"] == ["report"]


def test_it_suggests_hourly_jobs(tmp_path: Path) -> None:
    log = nightly(days=0)
    for hour in range(24):
        log.add(hour * HOUR + 60)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 24 * PRICE / 2


@pytest.mark.parametrize("values", [{"streamed": True}, {"session": "s"}])
def test_it_moves_nothing_that_somebody_waits_for(tmp_path: Path, values: dict[str, Any]) -> None:
    log = nightly(**values).add(streamed=False, session=None)
    found = LEVER.estimate(log.write(tmp_path).priced_log())
    assert found.saving == 0
    assert found.steps == ()


def test_it_moves_nothing_that_comes_at_all_hours(tmp_path: Path) -> None:
    log = nightly(days=0)
    for n in range(60):
        log.add(n * 4567)
    assert LEVER.estimate(log.write(tmp_path).priced_log()).saving == 0


def test_it_takes_one_busy_hour_of_one_day_for_no_clock(tmp_path: Path) -> None:
    assert LEVER.estimate(nightly(days=1, each=30).write(tmp_path).priced_log()).saving == 0


@pytest.mark.parametrize(
    ("values", "source", "columns"),
    [
        ({"streamed": None}, {}, ["streamed", "session"]),
        ({"feature": None}, {}, ["session", "feature"]),
        ({"session": "s"}, {"relative_clock": True}, ["time"]),
    ],
)
def test_it_bounds_the_saving_where_the_log_cannot_tell(
    tmp_path: Path, values: dict[str, Any], source: dict[str, Any], columns: list[str]
) -> None:
    found = LEVER.estimate(nightly(**values).write(tmp_path, **source).priced_log())
    assert found.saving == 20 * PRICE / 2
    assert (found.basis, found.bound, found.headline) == (Basis.MODELLED, Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == columns


def test_it_sees_no_clock_where_there_are_no_times(tmp_path: Path) -> None:
    found = LEVER.estimate(nightly(session="s").timeless(tmp_path).priced_log())
    assert (found.saving, found.bound, found.headline) == (20 * PRICE / 2, Bound.UPPER, False)
    assert [one.column for one in found.unknowns] == ["time"]


def test_its_formula_adds_up_to_the_saving(tmp_path: Path) -> None:
    found = LEVER.estimate(nightly().add(5 * HOUR, streamed=True).write(tmp_path).priced_log())
    (cost,) = (Decimal(one.value) for one in found.evidence if one.unit == "USD")
    assert found.formula.startswith("cost of the requests that look non-urgent × (1 − 0.5);")
    assert found.saving == cost * (1 - Decimal("0.5")) == 20 * PRICE / 2


def test_its_formula_takes_all_requests_where_the_log_cannot_tell(tmp_path: Path) -> None:
    found = LEVER.estimate(nightly(streamed=None).write(tmp_path).priced_log())
    assert found.formula.startswith("cost of all requests × (1 − 0.5);")
