from agents.team.triage import TriageAgent


def test_the_reconciliation_runs_only_for_questions_about_the_invoice() -> None:
    order = ("data", "reconciliation", "optimization", "reporting")

    class Deps:
        agent_order = order

    agent = TriageAgent.__new__(TriageAgent)
    agent.deps = Deps()  # type: ignore[assignment]
    assert agent._select_agents("does this match my invoice?") == order
    assert agent._select_agents("cut my bill by 30 %") == ("data", "optimization", "reporting")
