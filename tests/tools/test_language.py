"""Refusals that name limits, money and times, as a German reads them."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.i18n.language import ENGLISH, Language
from tests.support.translations import Words, german
from tools.policy.argument_limits import find_violation
from tools.quota.slots import QuotaExceeded, take_slot
from tools.spending.balances import BudgetBalance
from tools.spending.messages import describe_exhaustion
from tools.spending.models import Budget, Period

NOW = datetime(2026, 2, 28, 12, tzinfo=UTC)


@pytest.fixture
def language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Language:
    translated: Words = {
        "The budget {name} of {limit} USD a month": "Das Budget {name} von {limit} USD im Monat",
        "{budget} is used up: {spent} USD are spent.": "{budget} ist verbraucht: {spent} USD.",
        "{budget} is not enough for a call of {cost} USD: that is more than the {left} USD that are left.": (
            "{budget} reicht nicht für {cost} USD: es bleiben {left} USD."
        ),
        "It opens again on {day} {month} {year} at 00:00 UTC.": "Wieder ab {day}. {month} {year}, 0 Uhr UTC.",
        "March": "März",
        "{argument} must be one of: {values}": "{argument}: erlaubt sind {values}",
        "nothing": "nichts",
        (
            "{n} call of {tool} a minute is as many as you may make: try again in {wait:.0f} s.",
            "{n} calls of {tool} a minute are as many as you may make: try again in {wait:.0f} s.",
        ): ("Ein Aufruf von {tool}: in {wait:.0f} s wieder.", "{n} Aufrufe von {tool}: in {wait:.0f} s wieder."),
    }
    return german(monkeypatch, tmp_path, translated)


def standing(spent: str, **fields: Any) -> BudgetBalance:
    return BudgetBalance(budget=Budget(name="Alle", limit=Decimal("1234.50"), **fields), spent=Decimal(spent))


def test_a_budgets_refusal_is_translated(language: Language) -> None:
    used_up = describe_exhaustion(standing("1234.50", period=Period.MONTH), None, NOW)
    assert language.translate(used_up) == (
        "Das Budget Alle von 1234,50 USD im Monat ist verbraucht: 1234,50 USD. Wieder ab 1. März 2026, 0 Uhr UTC."
    )
    assert ENGLISH.translate(used_up) == (
        "The budget Alle of 1234.50 USD a month is used up: 1234.50 USD are spent. "
        "It opens again on 1 March 2026 at 00:00 UTC."
    )
    too_dear = describe_exhaustion(standing("1234.25", period=Period.MONTH), Decimal("0.5"), NOW)
    assert "reicht nicht für 0,50 USD: es bleiben 0,25 USD." in language.translate(too_dear)


@pytest.mark.parametrize(
    ("fields", "cost", "said"),
    [
        ({"period": "run"}, None, "USD a run is used up: 1234.50 USD are spent. It holds for this one run: the next"),
        ({"period": "day", "tool": "x"}, None, "USD a day for x is used up: 1234.50 USD are spent. It opens again on"),
        ({"period": "day"}, "1", "USD a day is used up: 1234.50 USD are spent. It opens again on"),
        ({"period": "month", "together": True}, None, "USD a month, which you share with others, is used up. It opens"),
    ],
)
def test_each_refusal_is_one_english_sentence(fields: dict[str, Any], cost: str | None, said: str) -> None:
    assert said in describe_exhaustion(standing("1234.50", **fields), Decimal(cost) if cost else None, NOW)


def test_others_spending_is_not_disclosed() -> None:
    told = describe_exhaustion(standing("1234", period="month", together=True, tool="x"), Decimal("0.75"), NOW)
    assert told == (
        "The budget Alle of 1234.50 USD a month for x, which you share with others, is not enough for a call of 0.75 "
        "USD: that is more than is left of it. It opens again on 1 March 2026 at 00:00 UTC."
    )


def test_a_limits_refusal_is_translated(language: Language) -> None:
    wrong = find_violation({"name": {"in": ["a", None]}}, {"name": "b"})
    assert wrong == "name must be one of: a, nothing"
    assert language.translate(wrong) == "name: erlaubt sind a, nichts"


@pytest.mark.django_db
@pytest.mark.parametrize(("per_minute", "said"), [(1, "Ein Aufruf von x: in 60 s"), (2, "2 Aufrufe von x: in 60 s")])
def test_a_quotas_refusal_is_translated(people: Any, language: Language, per_minute: int, said: str) -> None:
    for _ in range(per_minute):
        take_slot(people.owner.id, "x", per_minute=per_minute, at_once=None, seconds=1)
    with pytest.raises(QuotaExceeded) as refused:
        take_slot(people.owner.id, "x", per_minute=per_minute, at_once=None, seconds=1)
    assert language.translate(str(refused.value)) == f"{said} wieder."
