import pytest

from agents.team.triage import TriageAgent, TriageOutput
from core.i18n.text import verbatim_text
from tools.base import RunFacts


def triage(guard: str | None) -> TriageOutput:
    return TriageOutput(
        category="cost",
        intent="reduce spend",
        goal_percent=30,
        guard=guard,
        sufficiency="partial",
        missing={},
        route=("data",),
        guidance=verbatim_text(""),
    )


@pytest.mark.parametrize(
    ("asked", "watched"),
    [("p50", "p50"), ("p95", "p95"), ("p99", "p99"), ("latency", "p95"), ("quality", None), (None, None)],
)
def test_triage_uses_the_requested_percentile(asked: str | None, watched: str | None) -> None:
    facts = TriageAgent.update_facts(RunFacts(ask="cut my spend"), triage(asked))
    assert facts == RunFacts(ask="cut my spend", goal_percent=30, guard=watched)
