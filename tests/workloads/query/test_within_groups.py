"""The first groups within others, statistics for each of others, and percentiles of requests, against an oracle."""

from decimal import Decimal
from pathlib import Path
from statistics import mean, median
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import BadInput
from tests.workloads.query.logs import Row, cost, open_analysis, patient, rows
from tests.workloads.query.test_measuring import ask, complete_row, group
from workloads.query.query import Order, Query, Statistic

pytestmark = pytest.mark.slow

PAIRS = st.lists(
    st.sampled_from(["model", "feature", "team", "user", "day", "week"]), min_size=2, max_size=2, unique=True
)


@patient
@given(made=rows, by=PAIRS, limit=st.integers(1, 3), descending=st.booleans())
def test_the_first_groups_are_those_of_each_value(
    made: list[Row], by: list[str], limit: int, descending: bool, tmp_path_factory: Any
) -> None:
    made = [complete_row(), *made]
    order = Order(by="requests", descending=descending)
    query = Query(measures=("requests",), by=tuple(by), order=order, limit_each=limit)
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, query)
    counts: dict[Any, list[int]] = {}
    for (outer, _), chosen in group(made, by, "UTC").items():
        counts.setdefault(outer, []).append(len(chosen))
    expected = {outer: sorted(each, reverse=descending)[:limit] for outer, each in counts.items()}
    found: dict[Any, list[Any]] = {}
    for outer, _, count in result.rows:
        found.setdefault(outer, []).append(count)
    assert found == expected
    assert result.total == (len(made),)
    assert result.rest is None


@patient
@given(made=rows, by=PAIRS)
def test_a_statistic_is_that_of_the_second_dimensions_groups(
    made: list[Row], by: list[str], tmp_path_factory: Any
) -> None:
    made = [complete_row(), *made]
    statistics = (Statistic.MEAN, Statistic.P50)
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=("requests",), by=tuple(by), statistics=statistics))
    counts: dict[Any, list[int]] = {}
    for (outer, inner), chosen in group(made, by, "UTC").items():
        if inner is not None:
            counts.setdefault(outer, []).append(len(chosen))
    expected = {
        (outer, name): f(each) for outer, each in counts.items() for name, f in (("mean", mean), ("p50", median))
    }
    found = {(outer, name): value for outer, name, value in result.rows}
    assert found.keys() == expected.keys()
    assert all(abs(float(found[key]) - float(value)) < 1e-9 for key, value in expected.items())  # type: ignore[arg-type]


@patient
@given(made=rows)
def test_a_median_request_is_the_middle_one(made: list[Row], tmp_path_factory: Any) -> None:
    made = [complete_row(), *made]
    measures = ("cost_per_request_p50", "tokens_per_request_p50", "output_per_input")
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        spend, tokens, ratio = ask(analysis, Query(measures=measures)).total
    costs = [each for row in made if (each := cost(row)) is not None]
    inputs = [row["fresh_input"] + row["cache_read"] for row in made]
    outputs = [row["output"] for row in made]
    assert abs(Decimal(str(spend)) - median(costs)) <= Decimal("1e-9")
    assert tokens == median(a + b for a, b in zip(inputs, outputs, strict=True))
    assert abs(float(ratio or 0) - sum(outputs) / sum(inputs)) < 1e-9  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "query",
    [
        Query(by=("model",), limit_each=2),
        Query(by=("model", "day"), limit_each=2, statistics=(Statistic.MEAN,)),
        Query(by=("model", "day"), limit_each=0),
        Query(by=("model", "day", "team"), statistics=(Statistic.MEAN,)),
        Query(statistics=(Statistic.MEAN,)),
    ],
)
def test_parts_that_do_not_go_together_are_refused(query: Query, tmp_path: Path) -> None:
    with open_analysis([complete_row()], tmp_path) as analysis, pytest.raises(BadInput):
        ask(analysis, query)
