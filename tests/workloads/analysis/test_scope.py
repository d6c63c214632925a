"""Limits of a question: which requests levers may change."""

import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.workloads.builder import Log, Requests
from workloads.analysis.combination import Combination
from workloads.pricing.assumptions import LeverAnswer
from workloads.pricing.constraints import Constraints, ExcludedChange, LatencyLimit, ScopeName

pytestmark = [pytest.mark.slow, pytest.mark.long]

EACH = Decimal("2.5")


def names(*values: str, dimension: str | None = None) -> tuple[ScopeName, ...]:
    return tuple(ScopeName(name=value, dimension=dimension) for value in values)


def build_log() -> Requests:
    log = Requests(
        always={"model": "gpt-4o", "fresh_input": 1_000_000, "ok": True, "temperature": 0.0, "end_user": "alice"}
    )
    for second, feature in enumerate(("search", "search", "support-chat", "support-chat", "support-chat")):
        log.add(second, feature=feature, team=f"team {feature}", prompt_hash=feature, has_tools=False)
    return log


def combine(log: Log, constraints: Constraints, **wishes: Any) -> Combination:
    with log.analysis(constraints=constraints) as analysis:
        return analysis.combine(**wishes)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return build_log().write(tmp_path)


@pytest.mark.parametrize(
    ("constraints", "saved"),
    [
        (Constraints(), 3),
        (Constraints(only=names("search")), 1),
        (Constraints(only=names("Support Chat", dimension="feature")), 2),
        (Constraints(only=names("team search", dimension="team")), 1),
        (Constraints(never=names("support-chat")), 1),
        (Constraints(never=names("gpt-4o")), 0),
        (Constraints(only=names("search"), never=names("team search")), 0),
        (Constraints(excluded=(ExcludedChange.CACHES,)), 0),
        (Constraints(excluded=(ExcludedChange.MODELS,)), 3),
    ],
)
def test_levers_change_only_what_the_question_allows(log: Log, constraints: Constraints, saved: int) -> None:
    found = combine(log, constraints)
    assert found.total == saved * EACH
    assert found.spend == 5 * EACH
    assert found.spend - found.total == (found.waterfall[-1].after if found.waterfall else found.spend)


def test_a_name_that_the_log_lacks_limits_nothing_and_is_reported(log: Log) -> None:
    with log.analysis(constraints=Constraints(never=names("billing"))) as analysis:
        report = analysis.report()
    (unmet,) = report.scope.unmet
    assert unmet.words == "billing"
    assert "no feature, team, model, key or user" in unmet.why
    assert report.to_json()["constraints"]["unmet"][0]["words"] == "billing"


def test_a_goal_in_money_is_held_against_the_total(log: Log) -> None:
    met, short = (combine(log, Constraints(goal_usd=Decimal(usd))) for usd in (7, 10))
    assert met.goal_met is True
    assert (met.gap, met.goal_usd) == (Decimal(0), Decimal(7))
    assert short.goal_met is False
    assert short.gap == Decimal("2.5")


@pytest.mark.parametrize(("ms", "verdict"), [(400, "kept"), (300, "exceeded")])
def test_a_latency_limit_is_held_against_the_log(tmp_path: Path, ms: float, verdict: str) -> None:
    log = Requests(always={"model": "gpt-4o", "fresh_input": 10}).add(0, latency_ms=100.0).add(1, latency_ms=390.0)
    limits = Constraints(latency_limit=LatencyLimit(metric="p99", ms=ms))
    guard = combine(log.write(tmp_path), limits, guard="p99").guard
    assert guard is not None
    assert (guard.verdict, guard.limit_ms) == (verdict, ms)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.soak), pytest.param(2, marks=pytest.mark.soak)])
def test_more_limits_never_save_more(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    requests = Requests(always={"model": "gpt-4o", "temperature": 0.0, "has_tools": False})
    for second in range(40):
        requests.add(
            second * 7,
            feature=rng.choice("abc"),
            fresh_input=rng.randrange(20_000),
            output=rng.randrange(300),
            ok=rng.random() > 0.2,
            prompt_hash=rng.choice("stuv"),
        )
    written = requests.write(tmp_path)
    answers = (LeverAnswer(lever="batch", scope="a", value=True),)
    totals = []
    for limits in (
        Constraints(),
        Constraints(never=names("a")),
        Constraints(never=names("a", "b")),
        Constraints(never=names("a", "b"), excluded=(ExcludedChange.CACHES,)),
        Constraints(never=names("a", "b", "c")),
    ):
        with written.analysis(constraints=limits, answers=answers) as analysis:
            totals.append(analysis.combine().total)
    assert totals == sorted(totals, reverse=True)
    assert totals[-1] == 0
