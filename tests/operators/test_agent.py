"""The operators' agent in a whole run, with the real emitter, writer and audit."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async

from agents.framework.deps import AgentDeps, AgentFailed
from agents.llm.offline import follow_plan
from agents.llm.turns import FinalText, PlanHistory, PlannedCall
from agents.run_queue import RunJob, StopSignal
from core.events import AgentCompleted, AgentError, AgentStarted, AgentThinking, Event, ToolCompleted, ToolExecuting
from core.models import User
from operators.agent import is_operations_run, run_operations_agent
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import begin_claimed, queue_run
from tests.conftest import People
from tests.operators.operators import FACTORY, audit_of, operator
from tests.support.fakes import no_log
from tests.support.running_worker import everything
from tests.support.translations import Words, german
from tools.admission import admit_call
from tools.run_dispatcher import ToolDispatcherFactory

pytestmark = pytest.mark.django_db(transaction=True)


def claim_operations_run(user: User, ask: str) -> RunJob:
    return begin_claimed(queue_run(user, ask).id)


async def answer_operations_run(
    user: User, ask: str, think: Any = follow_plan, locale: str = "en"
) -> tuple[Event, ...]:
    """All that the user's stream tells after the run."""
    job = await sync_to_async(claim_operations_run)(user, ask)
    job = replace(job, context=replace(job.context, locale=locale))
    assert is_operations_run(job)
    async with StreamWriter(lambda written: None) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(job.context)
        deps = AgentDeps(
            recorder=emitter,
            dispatcher_factory=ToolDispatcherFactory(catalog=MappingProxyType({}), admit=admit_call),
            session=no_log(),
            model_runner=think,
            notice=None,
            stop=StopSignal(),
        )
        try:
            await run_operations_agent(job, deps, FACTORY)
        except AgentFailed:
            pass  # told in the stream
        finally:
            await emitter.close()
    return await sync_to_async(everything)(user.id)


def answer(events: tuple[Event, ...]) -> str:
    last = events[-1]
    assert isinstance(last, AgentCompleted), last
    return last.answer or ""


async def test_an_operator_asks_in_the_chat(people: People) -> None:
    run = await sync_to_async(queue_run)(people.owner, "a secret of mine")
    olga = await sync_to_async(operator)("olga", "use_operations", "inspect_runs", "cancel_run")
    result = answer(await answer_operations_run(olga, "/ops runs of owner"))
    assert str(run.id) in result
    assert "queued" in result
    events = await answer_operations_run(olga, f"/ops cancel run {run.id}")
    assert "cancelled" in answer(events)
    assert "secret" not in "".join(event.model_dump_json() for event in events)
    await run.arefresh_from_db()
    assert run.state == "cancelled"
    assert [row[:2] for row in await audit_of(people.owner)] == [("inspect_runs", "ok"), ("cancel_run", "ok")]


async def test_a_user_without_the_permission_is_refused_and_audited(people: People) -> None:
    events = await answer_operations_run(people.stranger, "/ops runs of owner")
    last = events[-1]
    assert isinstance(last, AgentError)
    assert (last.code, "operating.use_operations" in last.message) == ("permission_denied", True)
    assert not any(isinstance(event, ToolCompleted) for event in events)
    rule = "permission operating.use_operations"
    assert await audit_of(people.stranger) == [("operations", "refused", rule, "stranger")]
    assert await audit_of(people.owner) == []


async def test_a_tool_that_the_operator_may_not_use_is_refused_in_the_answer(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "use_operations", "engine_health")
    events = await answer_operations_run(olga, "/ops health")
    assert "which you don't have" in answer(events)
    codes = [event.code for event in events if isinstance(event, ToolCompleted)]
    assert codes == [None, "not_permitted"]
    assert {row[0] for row in await audit_of(olga)} == {"engine_health", "stream_health"}


async def test_an_unknown_command_is_answered_with_help(people: People) -> None:
    olga = await sync_to_async(operator)("olga", "use_operations")
    assert "runs of USER" in answer(await answer_operations_run(olga, "/ops make coffee"))


async def test_a_call_that_the_operator_did_not_name_is_refused(people: People) -> None:
    """As a model would that a hostile user's name has talked into something."""
    run = await sync_to_async(queue_run)(people.owner)
    olga = await sync_to_async(operator)("olga", "use_operations", "inspect_runs", "cancel_run")

    def talked_into(turn: PlanHistory) -> Any:
        return FinalText("Done.") if turn.results else [PlannedCall("cancel_run", {"run_id": str(run.id)})]

    async def think(plan: Any, dispatcher: Any, **options: Any) -> Any:
        follow = cast(Callable[..., Awaitable[Any]], follow_plan)
        return await follow(talked_into, dispatcher, **options)

    assert "Your message doesn't mention" in answer(await answer_operations_run(olga, "/ops runs of owner", think))
    await run.arefresh_from_db()
    assert run.state == "queued"


async def test_answers_are_in_the_operators_language(
    people: People, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    words: Words = {
        "Operations": "Betrieb",
        "Reading your request. Each call is checked against your permissions and audited.": "Ich sehe nach.",
        "Worker status": "Wie es den Motoren geht",
        "Stream status": "Wie es den Strömen geht",
        "Logs waiting for import": "wartende Logs",
        "yes": "ja",
        "Healthy": "wohlauf",
        "{what} requires the permission {permission}, which you don't have.": "{what}: nur mit {permission}.",
        ("{n} call succeeded, {refused} refused or failed.", "{n} calls succeeded, {refused} refused or failed."): (
            "Ein Aufruf, {refused} ging nicht.",
            "{n} Aufrufe, {refused} gingen nicht.",
        ),
    }
    await asyncio.to_thread(german, monkeypatch, tmp_path, words)
    olga = await sync_to_async(operator)("olga", "use_operations", "engine_health")
    events = await answer_operations_run(olga, "/ops health", locale="de")
    refused = "Wie es den Strömen geht: nur mit operating.stream_health."
    assert [event.title for event in events if isinstance(event, AgentStarted)] == ["Betrieb"]
    assert [event.thought for event in events if isinstance(event, AgentThinking)] == ["Ich sehe nach."]
    titles = [event.title for event in events if isinstance(event, ToolExecuting)]
    assert titles == ["Wie es den Motoren geht", "Wie es den Strömen geht"]
    assert [event.error for event in events if isinstance(event, ToolCompleted)] == [None, refused]
    last = events[-1]
    assert isinstance(last, AgentCompleted)
    assert last.summary == "Ein Aufruf, 1 ging nicht."
    assert "**Wie es den Motoren geht**" in (last.answer or "")
    assert "- wartende Logs: 0" in (last.answer or "")
    assert "- wohlauf: ja" in (last.answer or "")
    assert "nur mit" in (last.answer or "")


async def test_answers_are_translated_and_the_audit_is_in_english(
    people: People, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await asyncio.to_thread(german, monkeypatch, tmp_path, {"finished or expired uploads": "alte Uploads"})
    audited: list[str | None] = []
    monkeypatch.setattr("operators.dispatcher.commit_attempt", lambda attempt: audited.append(attempt.result))
    olga = await sync_to_async(operator)("olga", "use_operations", "prune")
    events = await answer_operations_run(olga, "/ops prune", locale="de")
    (result,) = [event.result for event in events if isinstance(event, ToolCompleted)]
    assert "alte Uploads" in str(result)
    assert "finished or expired uploads" not in str(result)
    assert "alte Uploads" in answer(events)
    (stored,) = audited
    assert "finished or expired uploads" in (stored or "")
