"""Queries against an oracle in plain Python, on logs that hypothesis makes."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.exceptions import BadInput
from tests.support.workloads.builder import START, Requests
from tests.workloads.query.logs import KEYS, MEASURES, PRICES, Row, open_analysis, patient, rows, same
from workloads.analysis import priced_log
from workloads.analysis.analysis import Analysis
from workloads.query import relation as costs
from workloads.query.query import Filter, Having, MeasureArguments, Operator, Order, Period, Query
from workloads.query.result import QueryResult

pytestmark = pytest.mark.slow

DIMENSIONS = st.lists(st.sampled_from(list(KEYS)), max_size=3, unique=True)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Auckland", "Asia/Kathmandu"])


def ask(analysis: Analysis, query: Query) -> QueryResult:
    return analysis.measure(MeasureArguments(query=query))


def group(made: list[Row], by: list[str], zone: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in made:
        found[tuple(KEYS[name](row, zone) for name in by)].append(row)
    return found


def test_no_log_lacks_what_the_oracle_needs(tmp_path: Path) -> None:
    with open_analysis([{**complete_row(), "second": second} for second in (0, 60)], tmp_path) as analysis:
        result = ask(analysis, Query(measures=tuple(MEASURES), by=("model", "day", "user")))
    assert not result.missing


def complete_row() -> Row:
    return {
        "second": 0,
        "model": "gpt-4o",
        "feature": "chat",
        "team": "a",
        "end_user": "ann",
        "fresh_input": 10,
        "cache_read": 4,
        "output": 3,
        "ok": False,
        "latency_ms": 5.0,
    }


@patient
@given(made=rows, by=DIMENSIONS, zone=ZONES)
def test_groups_are_those_of_the_oracle(made: list[Row], by: list[str], zone: str, tmp_path_factory: Any) -> None:
    made = [complete_row(), *made]
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=tuple(MEASURES), by=tuple(by), zone=zone))
    expected = {key: [value(chosen) for value in MEASURES.values()] for key, chosen in group(made, by, zone).items()}
    found = {row[: len(by)]: row[len(by) :] for row in result.rows}
    assert found.keys() == expected.keys()
    assert all(same(a, b) for key, row in expected.items() for a, b in zip(found[key], row, strict=True))
    assert all(same(a, b) for a, b in zip(result.total, (f(made) for f in MEASURES.values()), strict=True))
    assert result.groups == len(expected)
    assert result.requests == len(made)


@patient
@given(made=rows, field=st.sampled_from(["model", "feature", "team", "user", "status"]), data=st.data())
def test_a_filter_and_its_complement_sum_to_the_whole(
    made: list[Row], field: str, data: st.DataObject, tmp_path_factory: Any
) -> None:
    made = [complete_row(), *made]
    value = data.draw(st.sampled_from([KEYS[field](row, "UTC") for row in made]))
    kept, rest = (Filter(field=field, operator=o, values=(value,)) for o in (Operator.IS, Operator.IS_NOT))
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        whole, some, others = (
            ask(analysis, Query(measures=("spend", "requests"), where=where)) for where in ((), (kept,), (rest,))
        )
    assert some.requests == sum(KEYS[field](row, "UTC") == value for row in made)
    assert (some.total[0] or 0) + (others.total[0] or 0) == (whole.total[0] or 0)  # type: ignore[operator]
    assert (some.requests or 0) + (others.requests or 0) == whole.requests


@patient
@given(made=rows, seed=st.integers(0, 100))
def test_shuffled_rows_change_nothing(made: list[Row], seed: int, tmp_path_factory: Any) -> None:
    made = [complete_row(), *made]
    shuffled = random.Random(seed).sample(made, len(made))
    query = Query(measures=("spend", "requests", "latency_p50"), by=("feature", "day"), limit=2, shares=True)
    results = []
    for order in (made, shuffled):
        with open_analysis(order, tmp_path_factory.mktemp("log")) as analysis:
            results.append(ask(analysis, query))
    assert results[0] == results[1]


def test_figures_of_a_large_log_are_those_of_a_small_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Requests(always={"ok": True})
    for number in range(30):
        changed = {"model": list(PRICES)[number % 3], "end_user": f"u{number % 4}", "cache_read": 10 * number}
        log.add(**{**complete_row(), "second": number * 3_600, **changed})
    log.rows.reverse()  # the rows don't lie in the order of their numbers
    written = log.write(tmp_path)
    query = Query(measures=("spend", "cache_saving", "requests", "users", "tokens"), by=("model", "user"))
    results = []
    for stored, most, relation in ((100, 100, "priced"), (0, 100, "query_costs"), (0, 0, "priced")):
        monkeypatch.setattr(priced_log, "MAX_STORED_ROWS", stored)
        monkeypatch.setattr(costs, "MAX_ROWS", most)
        with written.analysis() as analysis:
            result = ask(analysis, query)
        assert relation in result.sql
        results.append(replace(result, sql=""))
    assert len(results[0].rows) == 12
    assert results[0] == results[1] == results[2]


@patient
@given(
    made=rows, by=st.lists(st.sampled_from(list(KEYS)), min_size=1, max_size=2, unique=True), limit=st.integers(1, 4)
)
def test_the_first_groups_and_the_rest_are_the_whole(
    made: list[Row], by: list[str], limit: int, tmp_path_factory: Any
) -> None:
    made = [complete_row(), *made]
    query = Query(measures=("spend", "requests"), by=tuple(by), limit=limit, order=Order(by="requests"), shares=True)
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, query)
    ranked = sorted((None not in names, len(chosen)) for names, chosen in group(made, by, "UTC").items())
    counts = [count for _, count in reversed(ranked)]
    width = len(by)
    assert [row[width + 1] for row in result.rows] == counts[:limit]
    assert (result.rest is None) == (len(counts) <= limit)
    for place in (0, 1):
        shown = sum(row[width + place] or 0 for row in result.rows)  # type: ignore[misc]
        assert shown + ((result.rest[place] or 0) if result.rest else 0) == (result.total[place] or 0)  # type: ignore[operator]


@patient
@given(made=rows, start=st.integers(0, 40), days=st.integers(1, 20), zone=ZONES)
def test_a_period_is_local(made: list[Row], start: int, days: int, zone: str, tmp_path_factory: Any) -> None:
    first = START.replace(hour=0) + timedelta(days=start)
    period = Period(start=first, end=first + timedelta(days=days))
    with open_analysis([complete_row(), *made], tmp_path_factory.mktemp("log")) as analysis:
        result = ask(analysis, Query(measures=("requests",), period=period, zone=zone))
    inside = [row for row in [complete_row(), *made] if first <= KEYS["day"](row, zone) < first + timedelta(days=days)]
    assert result.requests == len(inside)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (Query(measures=("profit",)), "Unknown measure 'profit'"),
        (Query(by=("galaxy",)), "Unknown dimension 'galaxy'"),
        (Query(by=("customer",)), "The log has no customer"),
        (Query(where=(Filter(field="galaxy", values=("x",)),)), "Unknown dimension"),
        (Query(where=(Filter(field="day", values=("soon",)),)), "A date is written"),
        (Query(where=(Filter(field="latency_ms", operator=Operator.ABOVE, values=("much",)),)), "needs a number"),
        (Query(where=(Filter(field="model", operator=Operator.ABOVE, values=(1,)),)), "can't be used"),
        (Query(zone="Mars/Olympus"), "Unknown time zone"),
        (Query(zone="localtime"), "Unknown time zone"),
        (Query(zone="right/Europe/Berlin"), "Unknown time zone"),
        (Query(limit=10**6), "from 1 to 1,000 rows"),
        (Query(by=("model", "model")), "different dimensions"),
        (Query(period=Period(start=START, end=START)), "ends before it starts"),
        (Query(order=Order(by="tokens")), "ordered only by"),
        (Query(having=(Having(measure="spend", operator=Operator.ABOVE, value=Decimal(1)),)), "needs a dimension"),
    ],
)
def test_what_cannot_be_asked_says_why(query: Query, words: str, tmp_path: Path) -> None:
    with open_analysis([complete_row()], tmp_path) as analysis, pytest.raises(BadInput) as told:
        ask(analysis, query)
    assert words in str(told.value)


def test_a_misspelt_value_names_similar_ones(tmp_path: Path) -> None:
    with open_analysis([{**complete_row(), "feature": "support-chat"}], tmp_path) as analysis:
        result = ask(analysis, Query(where=(Filter(field="feature", values=("suport chat",)),)))
    assert (result.requests, [each.nearest for each in result.unknown]) == (0, [("support-chat",)])


def test_sums_are_weights_and_have_no_percentile(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "is_sum": True, "feature": "chat", "latency_ms": 5.0, "ok": True})
    log.add(requests=30, fresh_input=3_000).add(3600, requests=10, fresh_input=1_000)
    with log.write(tmp_path).analysis() as analysis:
        result = ask(analysis, Query(measures=("requests", "tokens_per_request", "latency_p95", "error_rate")))
        with pytest.raises(BadInput, match="no single requests"):
            ask(analysis, Query(where=(Filter(field="tokens", operator=Operator.ABOVE, values=(5,)),)))
    assert (result.total[0], float(result.total[1])) == (40, 100.0)  # type: ignore[arg-type]
    assert {each.measure: each.field for each in result.missing} == {
        "latency_p95": "request_id",
        "error_rate": "request_id",
    }


def test_unknown_counts_are_not_guessed(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "is_sum": True}).add(requests=None, output=5).add(requests=3, output=5)
    with log.write(tmp_path).analysis() as analysis:
        result = ask(analysis, Query(measures=("requests", "cost_per_request", "tokens")))
    assert (result.total, result.requests) == ((None, None, 10), None)


def test_own_prices_and_discounts_count(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 1_000_000}).add().write(tmp_path)
    asked = Query()
    for assumptions, expected in (({}, "2.5"), ({"discount_percent": Decimal(10)}, "2.25")):
        with log.analysis(**assumptions) as analysis:  # type: ignore[arg-type]
            assert ask(analysis, asked).total == (Decimal(expected),)
    with log.analysis(price_in=Decimal(7), price_out=Decimal(1)) as analysis:
        assert ask(analysis, asked).total == (Decimal(7),)


def test_kept_columns_are_dimensions(tmp_path: Path) -> None:
    import duckdb

    log = (
        Requests(always={"model": "gpt-4o", "output": 100}).add().add(1).add(2).write(tmp_path, kept=("model", "zone"))
    )
    with duckdb.connect(str(log.path)) as con:
        con.execute("CREATE TABLE kept (row BIGINT, k1 VARCHAR, k2 VARCHAR)")
        con.execute("INSERT INTO kept VALUES (1, 'x', 'eu'), (2, 'y', 'us'), (3, 'y', NULL)")
    with log.analysis() as analysis:
        by_zone = ask(analysis, Query(measures=("requests",), by=("zone",), order=Order(by="zone", descending=False)))
        mine = ask(analysis, Query(measures=("requests",), where=(Filter(field="model (column)", values=("y",)),)))
        described = analysis.describe_log()
    assert by_zone.rows == (("eu", 1), ("us", 1), (None, 1))
    assert by_zone.listed.private
    assert mine.total == (2,)
    assert [each.name for each in described.dimensions if each.kept] == ["model (column)", "zone"]
    assert all(each.private for each in described.dimensions if each.kept)


def test_the_whole_query_is_the_key_of_what_is_kept(tmp_path: Path) -> None:
    with open_analysis([complete_row(), {**complete_row(), "team": "b", "ok": True}], tmp_path) as analysis:
        first = ask(analysis, Query(by=("team",)))
        assert ask(analysis, Query(by=("team",))) is first
        assert ask(analysis, replace(first.query, by=("status",))).rows != first.rows
