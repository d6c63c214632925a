"""A tool that must not be run twice is not, whatever becomes of the process that has begun it."""

from types import MappingProxyType
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents import run_queue
from agents.run_queue import RunJob
from core.exceptions import RunLost
from core.i18n.text import text
from core.stream.append import publish_to_nobody
from realtime.emitter import UserWebSocketEmitter, WebSocketBridgeFactory
from realtime.writer.stream_writer import StreamWriter
from tests.agents.claimed_runs import begin_claimed, claim_queued_run
from tests.conftest import People
from tests.support.claimed_jobs import lose_workers
from tests.support.fakes import FakeRecorder, anything, no_log
from tests.support.running_worker import everything
from tools.base import Category, DataKind, RunFacts, SideEffects, Tool, ToolContext, ToolInput
from tools.errors import InvalidArguments
from tools.repeats import NotRepeated
from tools.run_dispatcher import ToolDispatcher, ToolDispatcherFactory

pytestmark = pytest.mark.django_db(transaction=True)


class Mail(ToolInput):
    to: str


class Outbox:
    """A tool that sends mail. It may break off in the middle, as when its process is killed."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.breaks_off = False

    async def send(self, mail: Mail, tool_context: ToolContext) -> str:
        self.sent.append(mail.to)
        if self.breaks_off:
            raise SystemExit("killed")
        return "sent"

    def open_dispatcher(self, recorder: Any, job: RunJob) -> ToolDispatcher:
        tool = Tool(
            name="send",
            title=text("Send mail"),
            description="Sends mail.",
            input=Mail,
            run=self.send,
            category=Category.BASIC,
            side_effects=SideEffects.OUTSIDE,
            idempotent=False,
            result_kinds=frozenset({DataKind.FIGURES}),
        )
        factory = ToolDispatcherFactory(catalog=MappingProxyType({"send": tool}), admit=anything)
        return factory.for_context(
            job.context, agent="data", tools=("send",), recorder=recorder, session=no_log(), facts=RunFacts(ask="?")
        )


async def dispatch(outbox: Outbox, emitter: UserWebSocketEmitter, job: RunJob, **arguments: Any) -> Any:
    async with outbox.open_dispatcher(emitter, job) as dispatcher:
        return (await dispatcher.dispatch("send", arguments)).value


def lose_attempt(job: RunJob) -> RunJob:
    """The next attempt, after this one's worker was lost."""
    lose_workers(job.context.run_id)
    run_queue.recover_runs(publish=publish_to_nobody)
    return begin_claimed(job.context.run_id)


async def attempt(outbox: Outbox, job: RunJob, *recipients: str) -> list[Any]:
    """What an attempt's calls have come to: the result, or the error."""
    async with StreamWriter(publish_to_nobody) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(job.context)
        found: list[Any] = []
        for to in recipients:
            try:
                found.append(await dispatch(outbox, emitter, job, to=to))
            except (NotRepeated, InvalidArguments, RunLost, SystemExit) as error:
                found.append(error)
        await emitter.close()
    return found


async def test_what_was_begun_in_a_lost_attempt_is_told_as_unknown_and_not_run_again(people: People) -> None:
    outbox, job = Outbox(), await sync_to_async(claim_queued_run)(people.owner)
    outbox.breaks_off = True
    await attempt(outbox, job, "ann@example.org")
    outbox.breaks_off = False
    again = await sync_to_async(lose_attempt)(job)
    refused, other = await attempt(outbox, again, "ann@example.org", "bob@example.org")
    assert isinstance(refused, NotRepeated)
    assert "Whether it took effect is unknown" in str(refused)
    assert other == "sent"  # another call
    assert outbox.sent == ["ann@example.org", "bob@example.org"]
    told = [event for event in await sync_to_async(everything)(people.owner.id) if event.type == "tool_completed"]
    assert [(event.outcome, event.code) for event in told] == [("refused", "not_repeated"), ("ok", None)]


async def test_what_was_done_in_a_lost_attempt_is_not_done_again(people: People) -> None:
    outbox, job = Outbox(), await sync_to_async(claim_queued_run)(people.owner)
    assert await attempt(outbox, job, "ann@example.org") == ["sent"]
    again = await sync_to_async(lose_attempt)(job)
    (refused,) = await attempt(outbox, again, "ann@example.org")
    assert "was already done" in str(refused)
    assert outbox.sent == ["ann@example.org"]


async def test_what_was_refused_in_a_lost_attempt_may_be_done(people: People) -> None:
    outbox, job = Outbox(), await sync_to_async(claim_queued_run)(people.owner)
    async with StreamWriter(publish_to_nobody) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(job.context)
        with pytest.raises(InvalidArguments):
            await dispatch(outbox, emitter, job, to=5)
        await emitter.close()
    again = await sync_to_async(lose_attempt)(job)
    assert await attempt(outbox, again, "ann@example.org") == ["sent"]


async def test_a_worker_that_lost_its_run_does_not_run_the_tool(people: People) -> None:
    """As when it was frozen just before: the start of its call can't be stored."""
    outbox, job = Outbox(), await sync_to_async(claim_queued_run)(people.owner)
    await sync_to_async(lose_attempt)(job)
    (refused,) = await attempt(outbox, job, "ann@example.org")
    assert isinstance(refused, RunLost)
    assert outbox.sent == []


async def test_the_start_is_stored_before_the_tool_runs(people: People) -> None:
    recorder, outbox = FakeRecorder(), Outbox()
    run = await sync_to_async(claim_queued_run)(people.owner)
    async with outbox.open_dispatcher(recorder, run) as dispatcher:
        await dispatcher.dispatch("send", {"to": "ann@example.org"})
    assert recorder.flushed == ["tool_executing"]


async def test_another_users_run_and_another_attempts_calls_are_not_looked_at(people: People) -> None:
    outbox, job = Outbox(), await sync_to_async(claim_queued_run)(people.owner)
    await attempt(outbox, job, "ann@example.org")
    theirs = await sync_to_async(claim_queued_run)(people.neighbour)
    again = await sync_to_async(lose_attempt)(theirs)
    assert await attempt(outbox, again, "ann@example.org") == ["sent"]
    # In the same attempt the same call may be made twice: whoever makes it knows what came of the first.
    assert await attempt(outbox, job, "ann@example.org") == ["sent"]
