from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.exceptions import BadInput
from workloads.pricing.assumptions import (
    MAX_ENTRIES,
    NO_ASSUMPTIONS,
    Assumptions,
    LeverAnswer,
    apply_change,
    override_for_run,
    read_assumptions,
    to_assumptions_json,
)
from workloads.pricing.own_prices import ModelAlias, OwnPrice

D = Decimal

FULL = Assumptions(
    assume_model="gpt-4o",
    price_in=D("2.50"),
    price_out=D(10),
    discount_percent=D("12.5"),
    model_prices=(OwnPrice(model="mine", fresh_input=D(1), output=D(2), discount_percent=D(3)),),
    model_names=(ModelAlias(name="prod", model="gpt-4o"),),
    answers=(
        LeverAnswer(lever="batch", scope="feature=nightly", value=True, at=datetime(2026, 6, 1, tzinfo=UTC)),
        LeverAnswer(lever="batch", value=False),
        LeverAnswer(lever="guard", value=D(3)),
    ),
)


def test_they_come_back_from_their_json_as_they_were() -> None:
    assert read_assumptions(to_assumptions_json(FULL)) == FULL
    assert read_assumptions({}) == NO_ASSUMPTIONS
    assert read_assumptions({"price_in": "1", "price_out": "2"}) == Assumptions(price_in=D(1), price_out=D(2))


@pytest.mark.parametrize("stored", [{"model_prices": 1}, {"price_in": "x", "price_out": "1"}, [1]])
def test_unreadable_ones_are_an_error_and_not_the_defaults(stored: Any) -> None:
    with pytest.raises(BadInput, match="can't be read"):
        read_assumptions(stored)


def test_a_yes_is_no_number() -> None:
    kept = read_assumptions(to_assumptions_json(FULL))
    assert [answer.value for answer in kept.answers] == [True, False, D(3)]
    assert isinstance(kept.answers[0].value, bool)
    assert isinstance(kept.answers[2].value, D)
    one = Assumptions(answers=(LeverAnswer(lever="guard", value=D(1)),))
    assert isinstance(read_assumptions(to_assumptions_json(one)).answers[0].value, D)


def test_a_change_replaces_entries_by_name_and_leaves_the_others() -> None:
    change = {
        "model_prices": (OwnPrice(model=" Mine", output=D(5)), OwnPrice(model="other", fresh_input=D(1))),
        "answers": (LeverAnswer(lever="batch", scope="feature=nightly", value=None),),
        "price_in": None,
        "price_out": None,
    }
    changed = apply_change(FULL, change)
    assert [(price.model, price.fresh_input, price.output) for price in changed.model_prices] == [
        (" Mine", None, D(5)),
        ("other", D(1), None),
    ]
    assert [(answer.lever, answer.scope) for answer in changed.answers] == [("batch", ""), ("guard", "")]
    assert (changed.price_in, changed.assume_model) == (None, "gpt-4o")
    assert apply_change(changed, {"model_prices": (OwnPrice(model="MINE"),)}).find_price("mine") is None


def test_a_question_price_for_every_request_goes_before_the_logs_own_prices() -> None:
    run = override_for_run(FULL, {"price_in": D(1), "price_out": D(1)})
    assert (run.model_prices, run.price_in, run.model_names) == ((), D(1), FULL.model_names)
    assert override_for_run(FULL, {"discount_percent": D(0)}).model_prices == FULL.model_prices
    changes = {field.name: getattr(FULL, field.name) for field in fields(FULL) if field.name != "constraints"}
    assert override_for_run(NO_ASSUMPTIONS, changes) == FULL


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"model_prices": (OwnPrice(model="a", output=D(1)),) * 2}, None),
        ({"model_prices": tuple(OwnPrice(model=f"m{n}", output=D(1)) for n in range(MAX_ENTRIES + 1))}, "at most 500"),
        ({"price_out": None}, "output price is missing"),
        ({"discount_percent": D(101)}, "not a valid discount"),
    ],
)
def test_an_impossible_change_is_refused(change: dict[str, Any], why: str | None) -> None:
    if why is None:
        assert len(apply_change(FULL, change).model_prices) == 2  # the later one of two with one name counts
        return
    with pytest.raises(BadInput, match=why):
        apply_change(FULL, change)


@pytest.mark.parametrize(
    "build",
    [
        lambda: OwnPrice(model="m", output=D(-1)),
        lambda: OwnPrice(model="m", output=D("NaN")),
        lambda: OwnPrice(model="m", output=D(10) ** 9),
        lambda: OwnPrice(model="m", output=D("0." + "1" * 40)),
        lambda: OwnPrice(model="m", discount_percent=D(101)),
        lambda: OwnPrice(model=" ", output=D(1)),
        lambda: OwnPrice(model="m" * 201, output=D(1)),
        lambda: ModelAlias(name="", model="gpt-4o"),
        lambda: ModelAlias(name="a", model=""),
        lambda: LeverAnswer(lever="", value=True),
        lambda: LeverAnswer(lever="batch", scope="s" * 301, value=True),
        lambda: LeverAnswer(lever="batch", value=D("Infinity")),
        lambda: Assumptions(model_names=(ModelAlias(name="A", model="x"), ModelAlias(name="a", model="y"))),
    ],
)
def test_impossible_values_are_refused(build: Any) -> None:
    with pytest.raises(BadInput):
        build()


@pytest.mark.parametrize("zone", ["right/UTC", "posix/UTC", "posixrules", "Factory"])
def test_no_zone_is_kept_that_only_some_machines_have(zone: str) -> None:
    with pytest.raises(BadInput):
        apply_change(NO_ASSUMPTIONS, {"time_zone": zone})


@pytest.mark.parametrize(
    "change",
    [
        {"time_zone": "localtime"},
        {"answers": (LeverAnswer(lever="provisioned", scope="tokens_per_second", value=D("1E-400000")),)},
        {"answers": (LeverAnswer(lever="batch", value=D("1E+999999999")),)},
    ],
)
def test_what_must_not_be_kept_is_refused_and_read_where_it_was_kept(change: Any) -> None:
    with pytest.raises(BadInput):
        apply_change(NO_ASSUMPTIONS, change)
    kept = Assumptions(**change)
    assert read_assumptions(to_assumptions_json(kept)) == kept
    assert apply_change(kept, dict.fromkeys(change)) == NO_ASSUMPTIONS
