"""Days in the reader's time zone: only where the log says at which moment something was."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from workloads.query.query import MeasureArguments, Query
from workloads.query.values import LogDescription, move_to_zone

pytestmark = pytest.mark.slow

ZONE = "America/Los_Angeles"
HOUR, DAY = 3_600, 86_400
MIDNIGHT = -(START - START.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
"""Seconds from START to the start of its day."""


def list_days(log: Requests, folder: Path) -> list[date]:
    query = Query(measures=("requests",), by=("day",), zone=ZONE)
    with log.write(folder).analysis() as analysis:
        rows = analysis.measure(MeasureArguments(query=query)).rows
    return sorted(datetime.fromisoformat(str(row[0])).date() for row in rows)


def describe(log: Requests, folder: Path, *, naive: bool = False) -> LogDescription:
    with log.write(folder, naive_times=naive).analysis() as analysis:
        return analysis.describe_log()


def test_a_day_s_sum_stays_on_its_day(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "is_sum": True, "requests": 5})
    log.add(MIDNIGHT).add(MIDNIGHT + DAY)
    today = START.date()
    assert list_days(log, tmp_path) == [today, today + timedelta(days=1)]
    (tmp_path / "again").mkdir()
    assert describe(log, tmp_path / "again").first_at is None


def test_an_hour_s_sum_is_on_the_reader_s_day(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "is_sum": True, "requests": 5})
    log.add(MIDNIGHT + HOUR).add(MIDNIGHT + 20 * HOUR)
    today = START.date()
    assert list_days(log, tmp_path) == [today - timedelta(days=1), today]


def test_the_first_and_last_day_are_the_reader_s(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10}).add(MIDNIGHT + HOUR).add(MIDNIGHT + 20 * HOUR)
    (tmp_path / "naive").mkdir()
    there, here = describe(log, tmp_path), START.date()
    assert (there.first, there.last) == (here, here)
    moved = move_to_zone(there, ZONE)
    assert (moved.first, moved.last) == (here - timedelta(days=1), here)
    naive = describe(log, tmp_path / "naive", naive=True)
    assert move_to_zone(naive, ZONE) == naive
