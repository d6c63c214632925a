"""A limit holds for sure only where the whole expected range says so."""

from datetime import date
from decimal import Decimal

import pytest

from agents.answers.verdicts import decide
from agents.language.reading import QuestionKind, Reading
from core.i18n.text import text
from workloads.query.forecast import Forecast
from workloads.query.query import Query
from workloads.query.result import Derivation

FORECAST = Forecast(
    start=date(2026, 6, 1),
    end=date(2026, 7, 1),
    expected=Decimal(10),
    low=Decimal(8),
    high=Decimal(13),
    known=Decimal(4),
    weeks=4,
    backtests=20,
    method=text("the same weekday"),
    derivation=Derivation(formula=text("mean"), sql="", values=(), query=Query()),
)


def say(limit: int, premise: str) -> str:
    reading = Reading(kind=QuestionKind.FORECAST, whether=True, goal_usd=Decimal(limit), premise=premise)
    verdict = decide(reading, [FORECAST], None)
    return "" if verdict is None else str(verdict.said)


@pytest.mark.parametrize(
    ("limit", "premise", "start"),
    [
        (14, "below", "Yes, most likely"),
        (7, "below", "No, most likely not"),
        (14, "above", "No, most likely not"),
        (7, "above", "Yes, most likely"),
    ],
)
def test_a_limit_out_of_the_range_is_nearly_certain(limit: int, premise: str, start: str) -> None:
    assert say(limit, premise).startswith(start)


@pytest.mark.parametrize(
    ("limit", "premise", "start"),
    [
        (11, "below", "Probably, but"),
        (9, "below", "Probably not, but"),
        (11, "above", "Probably not, but"),
        (9, "above", "Probably, but"),
    ],
)
def test_a_limit_within_the_range_is_not_certain(limit: int, premise: str, start: str) -> None:
    assert say(limit, premise).startswith(start)
