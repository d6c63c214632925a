import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.exceptions import BadInput
from tests.support.workloads.builder import START, Requests
from workloads.levers.batch import describe_schedule
from workloads.levers.scheduling import Schedule, list_schedules
from workloads.pricing.assumptions import Assumptions

pytestmark = pytest.mark.slow

DAY, HOUR, MINUTE = 86_400, 3_600, 60
NOON = 0  # the builder's start


def find(log: Requests, path: Path, **assumptions: Any) -> dict[str, Schedule]:
    return {each.name: each for each in list_schedules(log.write(path).priced_log(**assumptions))}


def job(start: float, minutes: float = 60, days: range = range(5), each: int = 12, **values: Any) -> Requests:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "feature": "job", **values})
    for day in days:
        for n in range(each):
            log.add(day * DAY + start + n * minutes * MINUTE / each)
    return log


@pytest.mark.parametrize("minutes", [1, 84, 300])
def test_daily_work_is_scheduled(tmp_path: Path, minutes: int) -> None:
    found = find(job(14 * HOUR, minutes), tmp_path)["job"]
    assert (found.days, found.start, found.requests) == (5, 2 * HOUR, 60)


def test_so_is_weekly_work(tmp_path: Path) -> None:
    assert "job" in find(job(14 * HOUR, days=range(0, 28, 7)), tmp_path)


def test_so_is_work_that_passes_midnight(tmp_path: Path) -> None:
    found = find(job(11.5 * HOUR, each=20), tmp_path)["job"]
    assert describe_schedule(found) == "23:30-00:27 UTC"


def test_so_is_work_with_a_few_requests_at_other_times(tmp_path: Path) -> None:
    log = job(14 * HOUR)
    for day in range(5):
        log.add(day * DAY + 20 * HOUR + day * 300)
    assert "job" in find(log, tmp_path)


def in_zone(zone: str, hour: int, first: datetime, days: int) -> Requests:
    """Twelve requests in an hour, every day at `hour` by the clock of a zone."""
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "feature": "job"})
    for day in range(0, days, 2):
        local = datetime.fromordinal(first.toordinal() + day).replace(hour=hour, tzinfo=ZoneInfo(zone))
        begin = (local.astimezone(UTC).replace(tzinfo=None) - START).total_seconds()
        for n in range(12):
            log.add(begin + n * 5 * MINUTE)
    return log


@pytest.mark.parametrize(
    ("zone", "first"),
    [("Europe/Berlin", datetime(2026, 10, 18)), ("America/New_York", datetime(2026, 10, 25))],  # noqa: DTZ001
)
def test_a_schedule_is_kept_through_daylight_saving(tmp_path: Path, zone: str, first: datetime) -> None:
    log = in_zone(zone, 2 if zone != "Europe/Berlin" else 4, first, 14)
    own = find(log, tmp_path, time_zone=zone)["job"]
    assert (own.days, own.zone, own.start) == (7, zone, (4 if zone == "Europe/Berlin" else 2) * HOUR)
    (tmp_path / "again").mkdir()
    assert find(log, tmp_path / "again")["job"].days == 7


def test_the_hours_are_those_of_the_users_time_zone(tmp_path: Path) -> None:
    found = find(job(14 * HOUR), tmp_path, time_zone="Asia/Tokyo")["job"]
    assert describe_schedule(found) == "11:00-11:55 Asia/Tokyo"


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 500])
def test_an_unknown_time_zone_is_refused(zone: str) -> None:
    with pytest.raises(BadInput, match="time zone"):
        Assumptions(time_zone=zone)


def test_an_hour_of_live_calls_across_midnight_is_not_scheduled(tmp_path: Path) -> None:
    log = job(11.5 * HOUR, days=range(1), each=100)
    assert find(log, tmp_path) == {}


@pytest.mark.parametrize("column", ["end_user", "api_key"])
def test_a_lunch_bot_with_200_people_is_not_scheduled(tmp_path: Path, column: str) -> None:
    rng = random.Random(1)
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "feature": "lunch-bot"})
    for day in range(5):
        for _ in range(60):
            log.add(day * DAY + rng.random() * HOUR, **{column: f"person {rng.randrange(200)}"})
    assert find(log, tmp_path) == {}


def test_regular_users_are_people_if_they_are_many(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10})
    for day in range(4):
        for person in range(8):
            for n in range(6):
                log.add(day * DAY + person * 60 + n, end_user=f"person {person}")
    assert find(log, tmp_path) == {}


@pytest.mark.parametrize("every", [HOUR, 3 * HOUR, 12 * HOUR])
def test_alerts_that_come_more_than_once_a_day_are_not_scheduled(tmp_path: Path, every: int) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10, "feature": "alerts"})
    for moment in range(0, 5 * DAY, every):
        for n in range(5):
            log.add(moment + n)
    assert find(log, tmp_path) == {}


def test_office_hours_are_not_scheduled(tmp_path: Path) -> None:
    assert find(job(-3 * HOUR, 8 * 60, range(5), each=48), tmp_path) == {}


def test_work_at_any_time_of_day_is_not_scheduled(tmp_path: Path) -> None:
    rng = random.Random(2)
    log = job(0, days=range(0))
    for day in range(6):
        begin = day * DAY + rng.random() * 20 * HOUR
        for n in range(12):
            log.add(begin + n * 60)
    assert find(log, tmp_path) == {}


@pytest.mark.parametrize("values", [{"streamed": True}, {"session": "s"}])
def test_what_somebody_waits_for_is_not_scheduled(tmp_path: Path, values: dict[str, Any]) -> None:
    assert find(job(14 * HOUR, **values), tmp_path) == {}


def test_a_session_of_one_request_is_no_conversation(tmp_path: Path) -> None:
    log = job(14 * HOUR)
    for row in log.rows:
        row["session"] = f"s{row['row']}"
    assert "job" in find(log, tmp_path)
