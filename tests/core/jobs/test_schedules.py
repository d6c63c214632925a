from datetime import timedelta
from itertools import pairwise

import pytest
from croniter import croniter

from core.jobs.procrastinate_runner import to_cron


@pytest.mark.parametrize("seconds", [1, 2, 30, 60, 300, 1800, 3600, 6 * 3600, 86_400])
def test_an_interval_is_kept_by_its_schedule(seconds: int) -> None:
    schedule = croniter(to_cron(timedelta(seconds=seconds)), 1_796_000_000.5)
    times = [schedule.get_next(float) for _ in range(30)]
    assert {later - earlier for earlier, later in pairwise(times)} == {seconds}


@pytest.mark.parametrize("seconds", [0, 7, 90, 5 * 3600, 2 * 86_400])
def test_an_interval_that_divides_no_unit_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="no schedule"):
        to_cron(timedelta(seconds=seconds))
