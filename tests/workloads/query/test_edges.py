"""Edges of a query's guarantees: equal amounts, values that are missing, the first and the last moment of a period."""

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.workloads.builder import START
from tests.workloads.query.logs import open_analysis
from tests.workloads.query.test_measuring import ask, complete_row
from workloads.query.query import Filter, Operator, Period, Query

pytestmark = pytest.mark.slow


def test_requests_that_cost_the_same_count_each(tmp_path: Path) -> None:
    row = complete_row()
    with open_analysis([row, {**row, "second": 60}, {**row, "second": 120}], tmp_path) as analysis:
        result = ask(analysis, Query(measures=("spend", "requests"), by=("feature",)))
    assert result.total == (3 * Decimal("0.00006"), 3)
    assert result.rows == (("chat", 3 * Decimal("0.00006"), 3),)


def test_a_filter_keeps_its_values_and_nothing_else(tmp_path: Path) -> None:
    rows = [{**complete_row(), "team": team} for team in ("a", "b", None)]
    with open_analysis(rows, tmp_path) as analysis:
        found = {
            operator: ask(analysis, Query(where=(Filter(field="team", operator=operator, values=("a",)),))).requests
            for operator in (Operator.IS, Operator.IS_NOT)
        }
    assert found == {Operator.IS: 1, Operator.IS_NOT: 2}  # a request without a team is not of team "a"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_a_period_has_its_first_moment_and_not_the_one_after_it(zone: str, tmp_path: Path) -> None:
    offset = {"UTC": 0, "Europe/Berlin": 7200, "Asia/Kathmandu": 20_700}[zone]
    day = datetime.combine(START.date() + timedelta(days=2), datetime.min.time())
    midnight = int((day - START.replace(tzinfo=None)).total_seconds()) - offset
    seconds = (midnight - 1, midnight, midnight + 86_399, midnight + 86_400)
    with open_analysis([{**complete_row(), "second": each} for each in seconds], tmp_path) as analysis:
        period = Period(start=day, end=day + timedelta(days=1))
        assert ask(analysis, Query(period=period, zone=zone)).requests == 2


def test_each_value_has_first_groups_of_its_own(tmp_path: Path) -> None:
    row = complete_row()
    made = [
        {**row, "team": team, "end_user": user}
        for team, user in (("a", "ann"), ("a", "ann"), ("a", "bob"), ("b", "cid"))
    ]
    query = Query(measures=("requests",), by=("team", "user"), limit_each=1)
    with open_analysis(made, tmp_path) as analysis:
        assert ask(analysis, query).rows == (("a", "ann", 2), ("b", "cid", 1))
