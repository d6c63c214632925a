"""Conditions that compare groups with all of them, shares of requests and groups, and times that a log lacks, against
sums over the rows in plain Python."""

from collections.abc import Callable
from decimal import Decimal
from math import ceil
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import BadInput
from tests.support.workloads.builder import START
from tests.workloads.query.logs import Row, cost, open_analysis, patient, rows, spend
from tests.workloads.query.test_measuring import ask, complete_row, group
from workloads.query.query import Filter, Having, Operator, Order, Query, Statistic

pytestmark = pytest.mark.slow

STATISTICS: dict[Statistic, Callable[[list[int]], float]] = {Statistic.MEAN: mean, Statistic.P50: median}
COMPARE: dict[Operator, Callable[[float, float], bool]] = {
    Operator.ABOVE: lambda a, b: a > b,
    Operator.AT_LEAST: lambda a, b: a >= b,
    Operator.BELOW: lambda a, b: a < b,
    Operator.AT_MOST: lambda a, b: a <= b,
}


def build_row(**values: Any) -> Row:
    return {**complete_row(), **values}


@patient
@given(
    made=rows,
    by=st.sampled_from(["team", "user", "day"]),
    operator=st.sampled_from(list(COMPARE)),
    than=st.sampled_from(list(STATISTICS)),
    factor=st.sampled_from([1, 2]),
)
def test_groups_are_compared_with_a_statistic_of_those_with_a_name(
    made: list[Row], by: str, operator: Operator, than: Statistic, factor: int, tmp_path_factory: Any
) -> None:
    made = [build_row(), *made]
    condition = Having(measure="requests", operator=operator, value=Decimal(factor), than=than)
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=("requests",), by=(by,), having=(condition,)))
    counts = {key: len(each) for (key,), each in group(made, [by], "UTC").items() if key is not None}
    limit = factor * STATISTICS[than](list(counts.values()))
    assert {row[0]: row[1] for row in result.rows} == {
        key: count for key, count in counts.items() if COMPARE[operator](count, limit)
    }
    assert float(result.query.having[0].value) == pytest.approx(limit)
    assert result.total == (len(made),)


@patient
@given(
    made=rows,
    operator=st.sampled_from(list(COMPARE)),
    than=st.sampled_from(list(STATISTICS)),
    factor=st.sampled_from([1, 2]),
)
def test_requests_are_compared_with_a_statistic_of_them(
    made: list[Row], operator: Operator, than: Statistic, factor: int, tmp_path_factory: Any
) -> None:
    made = [build_row(), *made]
    condition = Filter(field="output_tokens", operator=operator, values=(Decimal(factor),), than=than)
    query = Query(measures=("requests",), where=(Filter(field="model", values=("gpt-4o",)), condition))
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        found = ask(analysis, query).total[0]
    outputs = [row["output"] for row in made if row["model"] == "gpt-4o"]
    limit = factor * STATISTICS[than](outputs)
    assert (found or 0) == sum(1 for each in outputs if COMPARE[operator](each, limit))


@patient
@given(made=rows)
def test_requests_without_a_price_are_found(made: list[Row], tmp_path_factory: Any) -> None:
    made = [build_row(), *made]
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=("requests",), by=("pricing",)))
    unpriced = sum(1 for row in made if cost(row) is None)
    counts = {"no price": unpriced, "priced": len(made) - unpriced}
    assert {row[0]: row[1] for row in result.rows} == {name: count for name, count in counts.items() if count}


def test_a_filter_with_a_statistic_needs_one_number(tmp_path: Path) -> None:
    with open_analysis([build_row()], tmp_path) as analysis:
        for where in (
            Filter(field="model", values=("gpt-4o",), than=Statistic.MEAN),
            Filter(field="spend", operator=Operator.ABOVE, values=(1, 2), than=Statistic.MEAN),
            Filter(field="spend", operator=Operator.HIGHEST, values=(Decimal("0.1"),), than=Statistic.MEAN),
            Filter(field="spend", operator=Operator.ABOVE, values=("many",), than=Statistic.MEAN),
        ):
            with pytest.raises(BadInput):
                ask(analysis, Query(where=(where,)))


def test_the_mean_of_a_rate_is_that_of_all_requests(tmp_path: Path) -> None:
    made = [build_row(team="a", ok=number > 0) for number in range(4)]
    made += [build_row(team="b", ok=number > 2) for number in range(6)]
    condition = Having(measure="error_rate", operator=Operator.ABOVE, value=Decimal(1), than=Statistic.MEAN)
    with open_analysis(made, tmp_path) as analysis:
        result = ask(analysis, Query(measures=("error_rate",), by=("team",), having=(condition,)))
    assert [row[0] for row in result.rows] == ["b"]
    assert float(result.query.having[0].value) == pytest.approx(0.4)


@pytest.mark.parametrize(("operator", "expected"), [(Operator.ABOVE, 0), (Operator.AT_LEAST, 3)])
def test_groups_that_are_all_alike_are_neither_above_nor_below_their_mean(
    operator: Operator, expected: int, tmp_path: Path
) -> None:
    made = [build_row(team=name, fresh_input=1_003) for name in "abc"]
    condition = Having(measure="spend", operator=operator, value=Decimal(1), than=Statistic.MEAN)
    with open_analysis(made, tmp_path) as analysis:
        assert ask(analysis, Query(by=("team",), having=(condition,))).groups == expected


@patient
@given(
    made=rows,
    operator=st.sampled_from([Operator.HIGHEST, Operator.LOWEST]),
    share=st.sampled_from(["0.01", "0.1", "0.25", "0.5", "1"]),
)
def test_a_share_of_requests_are_those_with_the_most_of_a_number(
    made: list[Row], operator: Operator, share: str, tmp_path_factory: Any
) -> None:
    made = [build_row(), *made]
    where = (Filter(field="latency_ms", operator=operator, values=(Decimal(share),)),)
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=("requests", "spend"), where=where))
    timed = [row for row in made if row["latency_ms"] is not None]
    ranked = sorted(timed, key=lambda row: row["latency_ms"], reverse=operator is Operator.HIGHEST)
    chosen = ranked[: ceil(Decimal(share) * len(timed))]
    assert result.total[0] == len(chosen)
    if len({row["latency_ms"] for row in timed}) == len(timed):
        assert result.total[1] == (spend(chosen) if chosen else 0)


@patient
@given(made=rows, share=st.sampled_from(["0.1", "0.5", "1"]))
def test_a_share_of_groups_are_the_first_of_those_with_a_name(
    made: list[Row], share: str, tmp_path_factory: Any
) -> None:
    made = [build_row(), *made]
    query = Query(measures=("requests",), by=("user",), order=Order(by="requests"), limit_share=Decimal(share))
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, query)
    counts = sorted((len(each) for (key,), each in group(made, ["user"], "UTC").items() if key), reverse=True)
    expected = counts[: ceil(Decimal(share) * len(counts))]
    assert [row[1] for row in result.rows] == expected
    assert sum(expected) + int(str(result.rest[0] if result.rest else 0)) == len(made)


def test_requests_without_a_name_take_no_place_among_the_first(tmp_path: Path) -> None:
    made = [build_row(team=None)] * 5 + [build_row(team="a")] * 2 + [build_row(team="b")]
    query = Query(measures=("requests",), by=("team",), order=Order(by="requests"), limit=2)
    with open_analysis(made, tmp_path) as analysis:
        result = ask(analysis, query)
    assert result.rows == (("a", 2), ("b", 1))
    assert result.rest == (5,)


def test_requests_are_counted_by_minute_and_second(tmp_path: Path) -> None:
    made = [build_row(second=second) for second in (0, 0, 1, 59, 60)]
    with open_analysis(made, tmp_path) as analysis:
        minutes = ask(analysis, Query(measures=("requests",), by=("minute",)))
        seconds = ask(analysis, Query(measures=("requests",), by=("second",)))
    assert [row[1] for row in minutes.rows] == [4, 1]
    assert [row[1] for row in seconds.rows] == [2, 1, 1, 1]


def test_days_have_no_hours(tmp_path: Path) -> None:
    made = [build_row(second=86_400 * number - 3_600 * START.hour) for number in range(30)]
    with open_analysis(made, tmp_path) as analysis:
        for name in ("hour_of_day", "hour", "minute"):
            with pytest.raises(BadInput, match="no times of day"):
                ask(analysis, Query(by=(name,)))
        with pytest.raises(BadInput, match="no times of day"):
            ask(analysis, Query(where=(Filter(field="hour_of_day", values=(9,)),)))
        assert ask(analysis, Query(measures=("requests",), by=("day",))).groups == len(made)


@pytest.mark.parametrize(
    "query",
    [
        Query(where=(Filter(field="model", operator=Operator.HIGHEST, values=("gpt-4o",)),)),
        Query(where=(Filter(field="latency_ms", operator=Operator.HIGHEST, values=(2,)),)),
        Query(where=(Filter(field="latency_ms", operator=Operator.HIGHEST, values=(None,)),)),
        Query(where=(Filter(field="spend", operator=Operator.LOWEST, values=(Decimal("0.1"), Decimal("0.2"))),)),
        Query(by=("model",), limit_share=Decimal(0)),
        Query(by=("model",), limit_share=Decimal("0.1"), limit=3),
        Query(limit_share=Decimal("0.1")),
    ],
)
def test_a_share_is_a_fraction_of_requests_or_groups(query: Query, tmp_path: Path) -> None:
    with open_analysis([build_row()], tmp_path) as analysis, pytest.raises(BadInput):
        ask(analysis, query)
