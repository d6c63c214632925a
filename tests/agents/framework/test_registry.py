from agents.framework.registry import AGENTS
from agents.team.supervisor import SupervisorAgent


def test_without_triage_or_data_there_is_no_answer_and_without_the_rest_a_lesser_one() -> None:
    """An essential agent that fails ends the run; any other leaves it degraded, saying what is missing."""
    assert {name for name, kind in AGENTS.items() if kind.essential} == {"triage", "data"}


def test_an_agent_is_found_under_its_own_name_and_has_a_deadline_within_the_runs() -> None:
    for name, kind in AGENTS.items():
        assert kind.name == name
        assert 0 < kind.seconds <= SupervisorAgent.seconds
