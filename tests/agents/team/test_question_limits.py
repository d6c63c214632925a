from decimal import Decimal

import pytest

from agents.team.intent import classify_ask
from agents.team.question_limits import parse_limits
from workloads.pricing.constraints import ExcludedChange, LatencyLimit, Limit, ScopeName


def name(name: str, dimension: str | None = None) -> ScopeName:
    return ScopeName(name=name, dimension=dimension)


@pytest.mark.parametrize(
    ("question", "goal"),
    [
        ("save $2,000", "2000"),
        ("Cut my bill by $1.5k without losing users", "1500"),
        ("reduce spend by 300 dollars", "300"),
        ("our target is $40", "40"),
        ("I spent $500, why?", None),
        ("we saved nothing", None),
    ],
)
def test_a_goal_in_money_is_read(question: str, goal: str | None) -> None:
    assert parse_limits(question).goal_usd == (Decimal(goal) if goal else None)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("save $2,000 a month", Limit.PERIOD),
        ("cut costs by €500", Limit.CURRENCY),
        ("reduce spend to $500", Limit.LEVEL),
        ("cut 30% without losing quality", Limit.QUALITY),
        ("cut 30% without hiring anybody", Limit.UNCLEAR),
    ],
)
def test_what_cannot_be_taken_into_account_is_kept_with_its_reason(question: str, why: Limit) -> None:
    assert [limit.why for limit in parse_limits(question).unmet] == [why]


@pytest.mark.parametrize(
    ("question", "only", "never"),
    [
        ("cut my spend by 30 % but never touch support-chat", (), (name("support-chat"),)),
        ("only team search, please", (name("search", "team"),), ()),
        ("Where can I save? Only for the search team.", (name("search", "team"),), ()),
        ("never touch gpt-4.1 and claude-sonnet-4-5", (), (name("gpt-4.1"), name("claude-sonnet-4-5"))),
        ("leave the support-chat feature alone", (), (name("support-chat", "feature"),)),
        ("save money except for customer acme", (), (name("acme", "customer"),)),
        ("don\u2019t change anything in production", (), (name("production"),)),
        ("without hurting p95 latency", (), ()),
        ("I don't know what to do, only if it is safe", (), ()),
    ],
)
def test_names_that_limit_savings_are_read(
    question: str, only: tuple[ScopeName, ...], never: tuple[ScopeName, ...]
) -> None:
    limits = parse_limits(question)
    assert (limits.only, limits.never) == (only, never)


@pytest.mark.parametrize(
    ("question", "excluded"),
    [
        ("save $2,000 without changing models", ExcludedChange.MODELS),
        ("keep the same models", ExcludedChange.MODELS),
        ("but don't use a smaller model", ExcludedChange.MODELS),
        ("don't cache", ExcludedChange.CACHES),
        ("without prompt caching", ExcludedChange.CACHES),
        ("no batches please", ExcludedChange.BATCHES),
        ("without flex", ExcludedChange.BATCHES),
        ("don't use off-peak hours", ExcludedChange.BATCHES),
        ("save 20% without delays", ExcludedChange.BATCHES),
        ("without shortening the answers", ExcludedChange.LENGTHS),
        ("don't truncate prompts", ExcludedChange.LENGTHS),
    ],
)
def test_kinds_of_changes_can_be_excluded(question: str, excluded: ExcludedChange) -> None:
    assert parse_limits(question).excluded == (excluded,)


@pytest.mark.parametrize(
    ("question", "metric", "ms"),
    [
        ("keep p99 under 3 s", "p99", 3_000),
        ("p95 latency < 800ms", "p95", 800),
        ("latency must stay below 2.5 seconds", "p95", 2_500),
    ],
)
def test_a_latency_limit_is_read_and_guarded(question: str, metric: str, ms: float) -> None:
    assert parse_limits(question).latency_limit == LatencyLimit(metric=metric, ms=ms)
    assert classify_ask(question).guard == metric


@pytest.mark.parametrize("question", ["only team search", "never touch support-chat", "save $20"])
def test_a_question_that_only_limits_savings_is_about_cost(question: str) -> None:
    assert classify_ask(question).category == "cost"
