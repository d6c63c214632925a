from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import pytest

from agents.answers.answer import Answer, AnswerKind, to_plain
from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentFailed, AgentResult, RunInput
from agents.run_rows import StepRecord
from agents.team.analyst import AnalystOutput
from agents.team.reporting import ReportingOutput
from agents.team.supervisor import SupervisorAgent
from agents.team.triage_output import TriageOutput
from core.events import AgentCompleted, AgentError
from core.exceptions import BadInput
from core.i18n.text import text, verbatim_text
from core.json_data import to_jsonable
from tests.agents.framework.test_agent import BRIEF, build_deps
from tests.support.fakes import FakeRecorder, context

WRITTEN = ReportingOutput(headline=text("$1 spent."), markdown="# Report", report={})


def build_triage_output(*route: str, guidance: str = "") -> TriageOutput:
    return TriageOutput(
        category="cost",
        intent="save",
        goal_percent=30,
        guard=None,
        sufficiency="sufficient",
        missing={},
        route=route,
        guidance=verbatim_text(guidance),
    )


def agent(called: str, handed_on: object, *, needed: bool = False) -> type[BaseAgent[Any]]:
    """An agent that returns what it is given, or fails with it."""

    class Fake(BaseAgent[Any]):
        name = called
        title = called
        seconds = 5
        output = type(handed_on)
        essential = needed

        def opening(self, run_input: RunInput) -> str:
            return "…"

        async def perform(self, run_input: RunInput) -> AgentResult[Any]:
            if isinstance(handed_on, Exception):
                raise handed_on
            return AgentResult(output=handed_on, summary="done")

    return Fake


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutput:
    number: int


def agents(**changes: object) -> Mapping[str, type[BaseAgent[Any]]]:
    found: dict[str, object] = {
        "triage": build_triage_output("data", "optimization", "reporting"),
        "data": NumberOutput(number=1),
        "optimization": NumberOutput(number=2),
        "reporting": WRITTEN,
    }
    return MappingProxyType(
        {name: agent(name, what, needed=name in ("triage", "data")) for name, what in (found | changes).items()}
    )


async def run(told: FakeRecorder, **changes: object) -> None:
    await SupervisorAgent(context(), build_deps(told), agents(**changes)).execute(BRIEF)


def list_started_agents(told: FakeRecorder) -> list[str]:
    return [event.agent for event in told.events if event.type == "agent_started"]


def last(told: FakeRecorder) -> AgentCompleted:
    event = told.events[-1]
    assert isinstance(event, AgentCompleted)
    assert event.parent_request_id is None
    return event


async def test_the_supervisor_follows_triages_route() -> None:
    told = FakeRecorder()
    await run(told)
    assert list_started_agents(told) == ["supervisor", "triage", "data", "optimization", "reporting"]
    assert (last(told).outcome, last(told).answer, last(told).missing) == ("completed", "# Report", ())


async def test_the_analysts_answer_is_the_runs() -> None:
    told = FakeRecorder()
    answer = to_plain("?", Answer(kind=AnswerKind.CANNOT, text=text("Upload a log.")))
    await run(told, triage=build_triage_output("analyst"), analyst=AnalystOutput(answer=answer, turn=None))
    assert list_started_agents(told) == ["supervisor", "triage", "analyst"]
    assert (last(told).answer, last(told).outcome) == ("Upload a log.\n", "completed")


@pytest.mark.parametrize("name", ["triage", "data"])
async def test_a_failing_essential_agent_ends_the_run_in_an_error(name: str) -> None:
    told = FakeRecorder()
    with pytest.raises(AgentFailed):
        await run(told, **{name: BadInput(text("unreadable"))})
    errors = [event for event in told.events if isinstance(event, AgentError)]
    assert [(error.agent, error.code, error.message) for error in errors] == [
        (name, "bad_input", "unreadable"),
        ("supervisor", "bad_input", "unreadable"),
    ]
    assert errors[-1] is told.events[-1]


async def test_a_failing_later_agent_degrades_the_run_and_is_named() -> None:
    told = FakeRecorder()
    await run(told, optimization=BadInput(text("no levers")))
    assert (last(told).outcome, last(told).missing, last(told).answer) == ("degraded", ("optimization",), "# Report")
    assert "optimization" in last(told).summary


async def test_a_failed_report_is_reported() -> None:
    told = FakeRecorder()
    await run(told, reporting=BadInput(text("Not in your plan.")))
    assert (last(told).outcome, last(told).missing) == ("degraded", ("reporting",))
    assert "could not be completed. Reporting failed: Not in your plan. " in (last(told).answer or "")


async def test_a_run_resumes_after_the_last_recorded_step() -> None:
    told = FakeRecorder()
    steps = {
        "triage": StepRecord(agent="triage", output=to_jsonable(build_triage_output("data", "reporting")), messages=[]),
        "data": StepRecord(agent="data", output={"number": 7}, messages=[]),
    }
    await SupervisorAgent(context(), replace(build_deps(told), steps=steps), agents()).execute(BRIEF)
    assert list_started_agents(told) == ["supervisor", "reporting"]
    assert "Already done: triage, data" in told.events[1].thought  # type: ignore[union-attr]
    assert last(told).outcome == "completed"


async def test_child_agents_have_child_contexts() -> None:
    told = FakeRecorder()
    await run(told)
    top = told.events[0].request_id
    below = [event for event in told.events if event.agent != "supervisor"]
    assert {event.parent_request_id for event in below} == {top}
    assert len({event.request_id for event in below}) == 4
