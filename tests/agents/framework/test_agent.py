import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType, SimpleNamespace
from typing import Any, cast

import pytest
from django.db import OperationalError

from agents.framework.agent import BaseAgent
from agents.framework.deps import AgentDeps, AgentFailed, AgentResult, RunInput
from agents.llm.offline import follow_plan
from agents.run_queue import StopSignal
from core import db
from core.events import AgentCompleted, AgentError
from core.exceptions import BadInput, Defect, InvalidContext, RunLost, StorageFull
from core.i18n.text import text
from tests.support.fakes import FakeRecorder, anything, context, no_log
from tools.base import RunFacts
from tools.run_dispatcher import ToolDispatcherFactory


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberOutput:
    number: int


class Finder(BaseAgent[NumberOutput]):
    name = "finder"
    title = "Finder"
    seconds = 5
    output = NumberOutput

    def __init__(self, *args: Any, work: Callable[[], Any] | None = None) -> None:
        super().__init__(*args)
        self.work = work

    def opening(self, run_input: RunInput) -> str:
        return f"Looking for {run_input.ask}."

    async def perform(self, run_input: RunInput) -> AgentResult[NumberOutput]:
        if self.work:
            await self.work()
        return AgentResult(output=NumberOutput(number=1), summary="found")


def build_deps(told: FakeRecorder) -> AgentDeps:
    return AgentDeps(
        recorder=told,
        dispatcher_factory=ToolDispatcherFactory(catalog=MappingProxyType({}), admit=anything),
        session=no_log(),
        model_runner=follow_plan,
        notice=None,
        stop=StopSignal(),
    )


BRIEF = RunInput(facts=RunFacts(ask="gold"))


def last(told: FakeRecorder) -> Any:
    assert told.types[:2] == ["agent_started", "agent_thinking"]
    assert sum(isinstance(event, AgentCompleted | AgentError) for event in told.events) == 1
    return told.events[-1]


async def test_a_turn_emits_its_events_in_order() -> None:
    told = FakeRecorder()
    output = await Finder(context(), build_deps(told)).execute(BRIEF)
    assert output == NumberOutput(number=1)
    assert told.types == ["agent_started", "agent_thinking", "agent_completed"]
    assert last(told).summary == "found"
    assert told.steps[0] is not None
    assert told.steps[0].output == {"number": 1}


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (BadInput(text("no such column")), "bad_input", "no such column"),
        (StorageFull(text("no room")), "storage_full", "no room"),
        (RuntimeError("secret detail"), "defect", "failed because of an internal error"),
        (TimeoutError("inner"), "defect", "failed because of an internal error"),
    ],
)
async def test_a_failure_is_reported_once_with_a_message_for_the_user(
    error: Exception, code: str, message: str
) -> None:
    async def fails() -> None:
        raise error

    told = FakeRecorder()
    with pytest.raises(AgentFailed) as caught:
        await Finder(context(), build_deps(told), work=fails).execute(BRIEF)
    assert caught.value.code == last(told).code == code
    assert message in last(told).message
    assert "secret" not in last(told).message


async def test_an_agent_past_its_deadline_is_stopped() -> None:
    told = FakeRecorder()
    soon = context(deadline=datetime.now(UTC) + timedelta(seconds=0.02))
    with pytest.raises(AgentFailed):
        await Finder(soon, build_deps(told), work=lambda: asyncio.sleep(60)).execute(BRIEF)
    assert last(told).code == "deadline"


@pytest.mark.parametrize(("by_user", "types"), [(True, ["agent_error"]), (False, [])])
async def test_only_a_users_cancel_ends_the_run(by_user: bool, types: list[str]) -> None:
    told, begun = FakeRecorder(), asyncio.Event()

    async def forever() -> None:
        begun.set()
        await asyncio.sleep(60)

    mine = build_deps(told)
    turn = asyncio.create_task(Finder(context(), mine, work=forever).execute(BRIEF))
    await begun.wait()
    mine.stop.reason = "cancelled" if by_user else None
    turn.cancel()
    with pytest.raises(asyncio.CancelledError):
        await turn
    assert told.types == ["agent_started", "agent_thinking", *types]


async def test_a_run_whose_database_is_away_has_not_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="postgresql"))

    async def work() -> None:
        raise OperationalError("server closed the connection unexpectedly")

    told = FakeRecorder()
    with pytest.raises(OperationalError):
        await Finder(context(), build_deps(told), work=work).execute(BRIEF)
    assert told.types == ["agent_started", "agent_thinking"]


async def test_an_agent_emits_nothing_for_a_lost_run() -> None:
    async def raise_run_lost() -> None:
        raise RunLost

    told = FakeRecorder()
    with pytest.raises(RunLost):
        await Finder(context(), build_deps(told), work=raise_run_lost).execute(BRIEF)
    assert told.types == ["agent_started", "agent_thinking"]


def test_an_agent_needs_a_context() -> None:
    with pytest.raises(InvalidContext):
        Finder(cast(Any, "user-1"), build_deps(FakeRecorder()))


def test_a_run_input_is_immutable_and_returns_only_known_outputs() -> None:
    after = BRIEF.with_output("finder", NumberOutput(number=2), BRIEF.facts)
    assert (BRIEF.outputs, after.get_output("finder", NumberOutput).number) == ({}, 2)
    lacking = BRIEF.with_failure("finder", text("It may not look.")).facts
    assert lacking == replace(BRIEF.facts, missing=("finder",), because={"finder": text("It may not look.")})
    with pytest.raises(Defect):
        BRIEF.get_output("finder", NumberOutput)
