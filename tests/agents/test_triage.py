import pytest

from agents.triage import Triage, TriageAgent
from netra.language.text import quoted
from tools.base import RunFacts


def triage(guard: str | None) -> Triage:
    return Triage(
        category="cost",
        intent="lower the spend",
        goal_percent=30,
        guard=guard,
        sufficiency="partial",
        missing={},
        route=("data",),
        guidance=quoted(""),
    )


@pytest.mark.parametrize(
    ("asked", "watched"),
    [("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("latency", "p95"), ("quality", None), (None, None)],
)
def test_it_watches_the_percentile_that_was_asked_for(asked: str | None, watched: str | None) -> None:
    facts = TriageAgent.establishes(RunFacts(ask="cut my spend"), triage(asked))
    assert facts == RunFacts(ask="cut my spend", goal_percent=30, guard=watched)
