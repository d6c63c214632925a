from typing import Any

import pytest

from agents.team.intent import AskClassification, classify_ask, correct_classification


@pytest.mark.parametrize(
    ("text", "category", "goal", "guard"),
    [
        ("cut my spend by 30 % without hurting p95 latency", "cost", 30, "p95"),
        ("Cut my spend by 30% without hurting P95 latency.", "cost", 30, "p95"),
        ("we need to halve... I mean save half of the bill, keep quality", "cost", 50, "quality"),
        ("reduce costs by a third", "cost", 100 / 3, None),
        ("save 12,5 percent and don't touch latency", "cost", 12.5, "latency"),
        ("why are answers so slow?", "latency", None, None),
        ("how many requests failed?", "reliability", None, None),
        ("which model has most tokens", "usage", None, None),
        ("", "cost", None, None),
        ("write me a poem about the sea", "unrelated", None, None),
        ("what is the capital of France?", "unrelated", None, None),
    ],
)
def test_a_question_is_parsed(text: str, category: str, goal: float | None, guard: str | None) -> None:
    verdict = classify_ask(text)
    assert (verdict.category, verdict.guard) == (category, guard)
    assert verdict.goal_percent == (pytest.approx(goal) if goal else None)


@pytest.mark.parametrize("text", ["save 0 %", "save 250 % of it"])
def test_an_impossible_goal_is_ignored(text: str) -> None:
    assert classify_ask(text).goal_percent is None


def by_model(**changes: Any) -> AskClassification:
    return AskClassification(**{"category": "cost", "intent": "save"} | changes)


@pytest.mark.parametrize(
    ("model", "text", "goal"),
    [
        (90, "cut my spend by 30 %", 30),
        (90, "cut my spend", None),
        (90, "cut 90% please", 90),
        (None, "cut my spend by 30 %", 30),
        (25, "senk die Kosten um 25 Prozent", 25),
    ],
)
def test_a_goal_is_the_users_own(model: float | None, text: str, goal: float | None) -> None:
    assert correct_classification(by_model(goal_percent=model), text).goal_percent == goal


@pytest.mark.parametrize(
    ("model", "text", "guard"),
    [
        (None, "without hurting p95", "p95"),
        ("latency", "without hurting p95", "p95"),
        ("quality", "cut my spend", None),
        ("latency", "ohne die Latenz zu verschlechtern", "latency"),
        ("quality", "sin perder calidad", "quality"),
    ],
)
def test_a_guard_is_the_users_own(model: str | None, text: str, guard: str | None) -> None:
    assert correct_classification(by_model(guard=model), text).guard == guard


def test_a_model_cannot_reject_a_question_that_rules_understand() -> None:
    assert correct_classification(by_model(category="unrelated"), "cut my spend").category == "cost"
    assert correct_classification(by_model(category="unrelated"), "a poem, please").category == "unrelated"
    assert correct_classification(by_model(category="cost"), "wie viel zahle ich?").category == "cost"
