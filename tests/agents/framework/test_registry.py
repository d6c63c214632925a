from agents.framework.registry import AGENTS
from agents.team.supervisor import SupervisorAgent


def test_only_triage_data_and_analyst_are_essential() -> None:
    """An essential agent that fails ends the run; any other leaves it degraded, saying what is missing."""
    assert {name for name, kind in AGENTS.items() if kind.essential} == {"triage", "data", "analyst"}


def test_each_agent_is_registered_by_name_with_a_deadline() -> None:
    for name, kind in AGENTS.items():
        assert kind.name == name
        assert 0 < kind.seconds <= SupervisorAgent.seconds
