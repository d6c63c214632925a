"""Unusual days. Oracle: days that were made unusual by hand."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from workloads.query.anomalies import find_anomalies
from workloads.query.query import Query

pytestmark = pytest.mark.slow

DAY = 86_400
SUNDAY = 6


def find(folder: Path, weeks: int, peak: int | None = None) -> list[date]:
    """Return the unusual days of a log with 20 requests a day and 4 on Sundays, and 60 on the day `peak`."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000})
    for day in range(weeks * 7):
        count = 60 if day == peak else 4 if (START + timedelta(days=day)).weekday() == SUNDAY else 20
        for i in range(count + day % 2):
            log.add(second=day * DAY + i)
    priced = log.write(folder).priced_log()
    return sorted(each.day for each in find_anomalies(priced, Query(measures=("requests",))).found)


@pytest.mark.parametrize("weeks", [3, 4, 7])
def test_a_quiet_sunday_is_usual(tmp_path: Path, weeks: int) -> None:
    assert find(tmp_path, weeks) == []


@pytest.mark.parametrize(("weeks", "peak"), [(3, 9), (4, 13), (7, 9)])
def test_a_busy_day_is_found_on_any_weekday(tmp_path: Path, weeks: int, peak: int) -> None:
    assert find(tmp_path, weeks, peak) == [START.date() + timedelta(days=peak)]


def test_a_short_log_compares_all_days(tmp_path: Path) -> None:
    assert find(tmp_path, 2, peak=9)[0:1] != []


@pytest.mark.parametrize(("count", "evening", "is_found"), [(1, 0, False), (1, 1, True), (60, 0, True)])
def test_a_day_of_which_the_log_has_a_part_is_not_low(tmp_path: Path, count: int, evening: int, is_found: bool) -> None:
    """One request an hour; the last day ends an hour after midnight in Berlin, or has its evening, or a peak."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000})
    first, days = 10 * 3_600, 15  # the log's clock starts at noon UTC, which is 14:00 in Berlin
    last = first + days * DAY
    for second in range(first, last, 3_600):
        log.add(second=second)
    for second in (*range(last, last + count * 60, 60), *[last + 23 * 3_600] * evening):
        log.add(second=second)
    priced = log.write(tmp_path).priced_log()
    found = find_anomalies(priced, Query(measures=("requests",), zone="Europe/Berlin")).found
    assert [each.day for each in found] == [START.date() + timedelta(days=1 + days)] * is_found
