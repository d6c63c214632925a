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
from tools.spending.budgets import describe_exhaustion
from tools.spending.models import Budget, BudgetPeriod

NOW = datetime(2026, 2, 28, 12, tzinfo=UTC)


@pytest.fixture
def language(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Language:
    translated: Words = {
        "Monthly budget “{name}” (${limit})": "Das Monatsbudget {name} von {limit} USD",
        "{budget} is used up: ${spent} spent.": "{budget} ist verbraucht: {spent} USD.",
        "{budget} has ${left} left, which is not enough for this call (${cost}).": (
            "{budget} reicht nicht für {cost} USD: es bleiben {left} USD."
        ),
        "It resets on {day} {month} {year} at 00:00 UTC.": "Wieder ab {day}. {month} {year}, 0 Uhr UTC.",
        "March": "März",
        "{argument} must be one of: {values}": "{argument}: erlaubt sind {values}",
        "no value": "kein Wert",
        (
            "Limit reached: {n} call of {tool} per minute. Try again in {wait:.0f} s.",
            "Limit reached: {n} calls of {tool} per minute. Try again in {wait:.0f} s.",
        ): ("Ein Aufruf von {tool}: in {wait:.0f} s wieder.", "{n} Aufrufe von {tool}: in {wait:.0f} s wieder."),
    }
    return german(monkeypatch, tmp_path, translated)


def standing(spent: str, **fields: Any) -> BudgetBalance:
    return BudgetBalance(budget=Budget(name="Alle", limit=Decimal("1234.50"), **fields), spent=Decimal(spent))


def test_a_budgets_refusal_is_translated(language: Language) -> None:
    used_up = describe_exhaustion(standing("1234.50", period=BudgetPeriod.MONTH), None, NOW)
    assert language.translate(used_up) == (
        "Das Monatsbudget Alle von 1234,50 USD ist verbraucht: 1234,50 USD. Wieder ab 1. März 2026, 0 Uhr UTC."
    )
    assert ENGLISH.translate(used_up) == (
        "Monthly budget “Alle” ($1234.50) is used up: $1234.50 spent. It resets on 1 March 2026 at 00:00 UTC."
    )
    too_dear = describe_exhaustion(standing("1234.25", period=BudgetPeriod.MONTH), Decimal("0.5"), NOW)
    assert "reicht nicht für 0,50 USD: es bleiben 0,25 USD." in language.translate(too_dear)


@pytest.mark.parametrize(
    ("fields", "cost", "said"),
    [
        ({"period": "run"}, None, "Per-run budget “Alle” ($1234.50) is used up: $1234.50 spent. It resets with your"),
        (
            {"period": "day", "tool": "x"},
            None,
            "Daily budget “Alle” for x ($1234.50) is used up: $1234.50 spent. It resets on",
        ),
        ({"period": "day"}, "1", "Daily budget “Alle” ($1234.50) is used up: $1234.50 spent. It resets on"),
        (
            {"period": "month", "together": True},
            None,
            "Monthly budget “Alle” ($1234.50), shared with other users, is used up. It resets",
        ),
    ],
)
def test_each_refusal_is_one_english_sentence(fields: dict[str, Any], cost: str | None, said: str) -> None:
    assert said in describe_exhaustion(standing("1234.50", **fields), Decimal(cost) if cost else None, NOW)


def test_others_spending_is_not_disclosed() -> None:
    told = describe_exhaustion(standing("1234", period="month", together=True, tool="x"), Decimal("0.75"), NOW)
    assert told == (
        "Monthly budget “Alle” for x ($1234.50), shared with other users, does not have enough left for this call "
        "($0.75). It resets on 1 March 2026 at 00:00 UTC."
    )


def test_a_limits_refusal_is_translated(language: Language) -> None:
    wrong = find_violation({"name": {"in": ["a", None]}}, {"name": "b"})
    assert wrong == "name must be one of: a, no value"
    assert language.translate(wrong) == "name: erlaubt sind a, kein Wert"


@pytest.mark.django_db
@pytest.mark.parametrize(("per_minute", "said"), [(1, "Ein Aufruf von x: in 60 s"), (2, "2 Aufrufe von x: in 60 s")])
def test_a_quotas_refusal_is_translated(people: Any, language: Language, per_minute: int, said: str) -> None:
    for _ in range(per_minute):
        take_slot(people.owner.id, "x", per_minute=per_minute, at_once=None, seconds=1)
    with pytest.raises(QuotaExceeded) as refused:
        take_slot(people.owner.id, "x", per_minute=per_minute, at_once=None, seconds=1)
    assert language.translate(str(refused.value)) == f"{said} wieder."
