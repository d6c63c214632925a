"""Forecasts of logs with unusual dates."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.workloads.builder import START, Requests
from workloads.query.forecast import MAX_DAYS
from workloads.query.query import ForecastArguments, Query

pytestmark = pytest.mark.slow

DAY = 86_400


def test_days_before_the_last_three_years_don_t_count(tmp_path: Path) -> None:
    """One row of another century would make the backtest's days those of centuries."""
    days = 150 * 365
    requests = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000}).add(0)
    for day in range(days - 20, days + 1):
        requests.add(day * DAY)
    last = (START + timedelta(days=days)).date()
    asked = ForecastArguments(query=Query(), start=last + timedelta(days=1), end=last + timedelta(days=8))
    with requests.write(tmp_path).analysis() as analysis:
        forecast = analysis.forecast(asked)
    assert last > date(2170, 1, 1)
    assert 0 < forecast.backtests < MAX_DAYS
    assert float(forecast.expected) > 0
