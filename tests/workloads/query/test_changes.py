"""The effects of a change add up to it, and drivers are those of an oracle."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from tests.support.workloads.builder import START, Requests
from tests.untrusted.growth import grows_linearly
from tests.untrusted.shapes import repeat
from tests.workloads.query.logs import Row, cost, open_analysis, patient, rows, spend
from tests.workloads.query.test_measuring import complete_row
from workloads.query.change.effects import KINDS, Effect, Group, Key, split_change
from workloads.query.change.sides import compare_logs
from workloads.query.query import ChangeArguments, Filter, MeasureArguments, Period, Query

pytestmark = pytest.mark.slow

SPLIT = START + timedelta(days=20)
BEFORE, AFTER = Query(period=Period(end=SPLIT)), Query(period=Period(start=SPLIT))


@patient
@given(made=rows)
def test_effects_sum_exactly(made: list[Row], tmp_path_factory: Any) -> None:
    made = [complete_row(), *made]
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        change = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER))
        back = analysis.explain_change(ChangeArguments(before=AFTER, after=BEFORE))
    old, new = ([row for row in made if (row["second"] < 20 * 86_400) is side] for side in (True, False))
    assert (change.before, change.after) == (spend(old) or 0, spend(new) or 0)
    assert sum(effect.amount for effect in change.effects) == change.amount
    assert back.amount == -change.amount
    assert sum(effect.amount for effect in back.effects) == (back.amount if back.effects else 0)


@patient
@given(made=rows)
def test_drivers_are_those_of_the_oracle(made: list[Row], tmp_path_factory: Any) -> None:
    made = [complete_row(), {**complete_row(), "team": "b"}, *made]
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        change = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER))
    expected: dict[str | None, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for row in made:
        expected[row["team"]][row["second"] >= 20 * 86_400] += cost(row) or 0
    (teams,) = (each.values for each in change.by_dimension if each.dimension == "team")
    assert {driver.value: [driver.before, driver.after] for driver in teams} == expected
    assert [abs(driver.change) for driver in teams] == sorted((abs(driver.change) for driver in teams), reverse=True)


@pytest.mark.long
@patient
@given(made=rows)
def test_two_logs_are_compared_as_two_halves_of_one(made: list[Row], tmp_path_factory: Any) -> None:
    made = [complete_row(), {**complete_row(), "second": 30 * 86_400, "team": "b"}, *made]
    halves = ([row for row in made if (row["second"] < 20 * 86_400) is side] for side in (True, False))
    with open_analysis(made, tmp_path_factory.mktemp("log")) as analysis:
        expected = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER))
    sides = []
    for half in halves:
        with open_analysis(half, tmp_path_factory.mktemp("half")) as analysis:
            sides.append(analysis.measure_change_side(MeasureArguments(query=Query())))
    change = compare_logs(*sides)
    assert (change.amount, change.effects) == (expected.amount, expected.effects)
    both = {each.dimension for each in change.by_dimension}
    assert {
        each.dimension: {driver.value: driver.change for driver in each.values} for each in change.by_dimension
    } == {
        each.dimension: {driver.value: driver.change for driver in each.values}
        for each in expected.by_dimension
        if each.dimension in both
    }


def test_a_driver_beyond_the_first_thousand_is_found(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o"})
    for number in range(1_200):
        log.add(0, end_user=f"u{number}", output=1_000)
    log.add(0, end_user="small", output=1).add(30 * 86_400, end_user="small", output=9_000)
    with log.write(tmp_path).analysis() as analysis:
        users = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER)).by_dimension[0].values
    assert (users[0].value, users[0].before, users[0].after) == ("small", Decimal("0.00001"), Decimal("0.09"))


def test_one_cause_is_one_effect(tmp_path: Path) -> None:
    log = Requests(always={"model": "gpt-4o", "feature": "chat"})
    for second in (0, 1, 30 * 86_400, 30 * 86_400 + 1, 30 * 86_400 + 2):
        log.add(second, output=1_000)
    with log.write(tmp_path).analysis() as analysis:
        change = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER))
        other = analysis.explain_change(
            ChangeArguments(before=BEFORE, after=Query(where=(Filter(field="feature", values=("none",)),)))
        )
    assert {effect.name: effect.amount for effect in change.effects if effect.amount} == {"volume": Decimal("0.01")}
    assert sum(effect.amount for effect in other.effects) == other.amount == Decimal("-0.02")


def make_groups(count: int, seed: int) -> dict[Key, Group]:
    """Groups whose numbers of requests and tokens have no common divisors."""
    chance = random.Random(seed)
    groups: dict[Key, Group] = {}
    for number in range(count):
        costs = {kind: Fraction(chance.randrange(10**15), 10**12) for kind in KINDS}
        groups["model", str(number), False] = Group(
            requests=chance.randrange(10**5, 10**6),
            spend=sum(costs.values(), Fraction(0)),
            tokens={kind: chance.randrange(10**9, 10**10) for kind in KINDS},
            costs=costs,
        )
    return groups


@pytest.mark.long
def test_the_work_grows_with_the_number_of_groups() -> None:
    """Two logs are compared in the process that serves everybody."""

    def split(text: str) -> tuple[Effect, ...]:
        old, new = groups[len(text)]
        return split_change(old, new, Decimal(1))

    groups = {count: (make_groups(count, 1), make_groups(count, 2)) for count in (500, 2_000)}
    assert grows_linearly(split, repeat("a"), 500) == ""
    old, new = groups[500]
    change = sum((group.spend for group in new.values()), Fraction(0)) - sum(
        (group.spend for group in old.values()), Fraction(0)
    )
    exact = Decimal(change.numerator) / Decimal(change.denominator)
    effects = split_change(old, new, exact)
    assert sum(effect.amount for effect in effects) == exact


def test_a_cost_that_only_the_log_states_is_an_effect_of_its_own(tmp_path: Path) -> None:
    log = Requests(always={"model": "nobody-knows", "fresh_input": 100})
    log.add(0, logged_cost=Decimal(1)).add(30 * 86_400, logged_cost=Decimal(3))
    with log.write(tmp_path).analysis() as analysis:
        change = analysis.explain_change(ChangeArguments(before=BEFORE, after=AFTER))
    assert {effect.name: effect.amount for effect in change.effects if effect.amount} == {"other": Decimal(2)}
