from datetime import datetime
from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from workloads.analysis.granularity import measure_extent
from workloads.analysis.spend import compute_spend

pytestmark = pytest.mark.slow

HOUR, DAY = 3600.0, 86_400.0
MIDNIGHT = -(START.hour * HOUR + START.minute * 60.0 + START.second)
"""Seconds from the builder's start."""


@pytest.mark.parametrize(
    ("starts", "seconds", "grain", "period"),
    [
        ([MIDNIGHT + n * DAY for n in range(12)], 12 * DAY, "day", "day"),
        ([MIDNIGHT], DAY, "day", "day"),
        ([MIDNIGHT + n * 7 * DAY for n in range(3)], 21 * DAY, "day", "day"),
        ([MIDNIGHT + 5 * HOUR + n * DAY for n in range(3)], 3 * DAY, "day", "day"),
        ([MIDNIGHT + n * HOUR for n in range(2)], 2 * HOUR, "hour", "hour"),
        ([MIDNIGHT + n * 6 * HOUR for n in range(5)], 30 * HOUR, "hour", "hour"),
        ([MIDNIGHT + n * 900 for n in range(1, 4)], 2700, "minute", "minute"),
        ([MIDNIGHT + 77], 0, None, "minute"),
    ],
    ids=["days", "day", "weeks", "local-days", "hours", "six-hours", "quarters", "unknown"],
)
def test_sums_end_where_their_last_period_ends(
    starts: list[float], seconds: float, grain: str | None, period: str, tmp_path: Path
) -> None:
    log = Requests()
    for start in starts:
        log.add(start, requests=5, is_sum=True, fresh_input=9)
    priced = log.write(tmp_path).priced_log()
    extent = measure_extent(priced)
    assert ((extent.end - extent.first).total_seconds(), extent.grain) == (seconds, grain)
    assert compute_spend(priced).period == period


def test_requests_end_with_the_last_one(tmp_path: Path) -> None:
    extent = measure_extent(Requests().add(MIDNIGHT).add(MIDNIGHT + DAY).write(tmp_path).priced_log())
    assert ((extent.end - extent.first).total_seconds(), extent.grain, extent.last) == (DAY, None, extent.end)


@pytest.mark.parametrize(("months", "ends"), [((1, 2, 3), 4), ((1, 4, 7), 10), ((1, 7), 13), ((1, 3), 4)])
def test_months_quarters_and_halves_end_with_their_last_month(
    months: tuple[int, ...], ends: int, tmp_path: Path
) -> None:
    log = Requests()
    for month in months:
        start = datetime(2026, month, 1, tzinfo=START.tzinfo)
        log.add((start - START).total_seconds(), requests=5, is_sum=True, fresh_input=9)
    extent = measure_extent(log.write(tmp_path).priced_log())
    assert extent.end == datetime(2026 + ends // 13, (ends - 1) % 12 + 1, 1)  # noqa: DTZ001 - a LogExtent has no zone
    assert extent.grain == "month"
