"""The bridge, its emitters and the writer, over a real database in the writer's own thread."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, cast
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from agents import run_writer
from agents.models import Run, RunState, Step
from agents.run_rows import StepRecord
from core.events import AgentCompleted, AgentThinking, AgentWriting, Event, build_agent_fields
from core.exceptions import InvalidContext, IsolationViolation, RunLost, ScopeClosed
from core.models import User
from core.stream import read
from core.stream.batches import Batch, Commits, Position
from realtime.emitter import WebSocketBridgeFactory
from realtime.writer import stream_writer as writing
from realtime.writer.stream_writer import MAX_ITEM_EVENTS, StreamWriter
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.support.fakes import context
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rung() -> list[Commits]:
    return []


@pytest.fixture
async def bridge(rung: list[Commits]) -> AsyncIterator[WebSocketBridgeFactory]:
    async with StreamWriter(rung.append) as writer:
        yield WebSocketBridgeFactory(writer)


def thinking(mine: Any, thought: str = "hm") -> AgentThinking:
    return AgentThinking(**build_agent_fields(mine, "supervisor"), thought=thought)


def build_agent_completed(mine: Any) -> AgentCompleted:
    return AgentCompleted(**build_agent_fields(mine, "supervisor"), outcome="completed", summary="", duration_ms=0)


def list_events(user: User) -> tuple[Event, ...]:
    news = read.read_after(user.id, Position(epoch=read.get_head_position(user.id).epoch, seq=0), limit=10_000)
    assert isinstance(news, Batch)
    return news.events


async def test_emitted_events_are_stored_in_order_and_published(
    people: People, bridge: WebSocketBridgeFactory, rung: list[Commits]
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    emitter = bridge.for_context(mine)
    for number in range(100):
        await emitter.emit(thinking(mine, str(number)))
    await emitter.record(build_agent_completed(mine), StepRecord(agent="supervisor", output={}, messages=None))
    events = await sync_to_async(list_events)(people.owner)
    assert [each.thought for each in events if isinstance(each, AgentThinking)] == [str(n) for n in range(100)]
    assert events[-1].type == "agent_completed"
    assert (await Run.objects.aget()).state == RunState.COMPLETED
    assert await Step.objects.acount() == 1
    await asyncio.sleep(0)
    assert {user for written in rung for user in written} == {people.owner.id}


async def test_events_of_many_users_are_kept_apart(people: People, bridge: WebSocketBridgeFactory) -> None:
    users = (people.owner, people.neighbour, people.stranger)
    claims = {user: (await sync_to_async(claim_queued_run)(user, user.username)).context for user in users}

    async def talk(user: User) -> None:
        mine = claims[user]
        emitter = bridge.for_context(mine)
        for _ in range(50):
            await emitter.emit(thinking(mine, user.username))
            await asyncio.sleep(0)
        await emitter.record(build_agent_completed(mine))

    await asyncio.gather(*[talk(user) for user in users])
    for user in users:
        events = await sync_to_async(list_events)(user)
        assert {each.thought for each in events if isinstance(each, AgentThinking)} == {user.username}
        assert len(events) == 52


async def test_an_event_of_another_run_is_refused(people: People, bridge: WebSocketBridgeFactory) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    theirs = (await sync_to_async(claim_queued_run)(people.neighbour, "two")).context
    with pytest.raises(IsolationViolation):
        await bridge.for_context(mine).emit(thinking(theirs))
    assert [event.type for event in await sync_to_async(list_events)(people.neighbour)] == ["run_queued"]


async def test_a_worker_that_lost_its_run_gets_an_error(people: People, bridge: WebSocketBridgeFactory) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    await Run.objects.aupdate(attempt=2)
    emitter = bridge.for_context(mine)
    await emitter.emit(thinking(mine))
    with pytest.raises(RunLost):
        await emitter.record(build_agent_completed(mine))
    assert [event.type for event in await sync_to_async(list_events)(people.owner)] == ["run_queued"]


async def test_a_refused_item_is_reported_at_the_next_call(people: People, bridge: WebSocketBridgeFactory) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    await Run.objects.aupdate(attempt=2)
    emitter = bridge.for_context(mine)
    await emitter.emit(thinking(mine))
    while emitter._pending:
        await asyncio.sleep(0.01)
    with pytest.raises(RunLost):
        await emitter.emit(thinking(mine))


async def test_one_bad_item_does_not_stop_the_others(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    theirs = (await sync_to_async(claim_queued_run)(people.neighbour, "two")).context
    write = run_writer.write_fenced

    def write_unless_poisoned(items: Any, **options: Any) -> Any:
        if any(
            isinstance(event, AgentThinking) and event.thought == "poison" for item in items for event in item.events
        ):
            raise ValueError("poison")
        return write(items, **options)

    monkeypatch.setattr(run_writer, "write_fenced", write_unless_poisoned)
    bad, good = bridge.for_context(mine), bridge.for_context(theirs)
    await bad.emit(thinking(mine, "poison"))
    await good.emit(thinking(theirs, "fine"))
    await good.record(build_agent_completed(theirs))
    with pytest.raises(ValueError, match="poison"):
        await bad.emit(thinking(mine, "next"))
    await bad.record(build_agent_completed(mine))
    assert [event.type for event in await sync_to_async(list_events)(people.owner)] == ["run_queued", "agent_completed"]


async def test_a_closed_emitter_emits_nothing(people: People, bridge: WebSocketBridgeFactory) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    emitter = bridge.for_context(mine)
    await emitter.emit(thinking(mine))
    await emitter.close()
    with pytest.raises(ScopeClosed):
        await emitter.emit(thinking(mine))
    assert len(await sync_to_async(list_events)(people.owner)) == 2


async def test_a_stopped_writer_stores_accepted_items_and_takes_no_more(people: People) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    async with StreamWriter(lambda written: None) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(mine)
        for _ in range(300):
            await emitter.emit(thinking(mine))
    assert len(await sync_to_async(list_events)(people.owner)) == 301
    with pytest.raises(ScopeClosed):
        await emitter.emit(thinking(mine))


async def test_the_factory_needs_a_context(bridge: WebSocketBridgeFactory) -> None:
    with pytest.raises(InvalidContext):
        bridge.for_context(cast(Any, uuid4()))
    assert bridge.for_context(context()) is not bridge.for_context(context())


@pytest.mark.parametrize("field", ["run_id", "thread_id", "attempt"])
async def test_an_event_with_one_differing_field_is_refused(bridge: WebSocketBridgeFactory, field: str) -> None:
    mine = context()
    foreign = thinking(mine).model_copy(update={field: 2 if field == "attempt" else uuid4()})
    with pytest.raises(IsolationViolation):
        await bridge.for_context(mine).emit(foreign)


async def test_two_runs_of_a_user_have_separate_emitters(people: People, bridge: WebSocketBridgeFactory) -> None:
    one, two = [(await sync_to_async(claim_queued_run)(people.owner)).context for _ in range(2)]
    first, second = bridge.for_context(one), bridge.for_context(two)
    await first.emit(thinking(one, "one"))
    await second.emit(thinking(two, "two"))
    await first.record(build_agent_completed(one))
    await second.record(build_agent_completed(two))
    events = await sync_to_async(list_events)(people.owner)
    thoughts = {each.run_id: each.thought for each in events if isinstance(each, AgentThinking)}
    assert thoughts == {one.run_id: "one", two.run_id: "two"}


async def test_closing_waits_for_emitted_events(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    monkeypatch.setattr(run_writer, "write_fenced", slow(run_writer.write_fenced))
    emitter = bridge.for_context(mine)
    await emitter.emit(thinking(mine))
    await emitter.close()
    assert len(await sync_to_async(list_events)(people.owner)) == 2


async def test_a_cancelled_wait_does_not_undo_the_event(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    begun, go, write = threading.Event(), threading.Event(), run_writer.write_fenced

    def held_back(items: Any, **options: Any) -> Any:
        begun.set()
        assert go.wait(PATIENCE)
        return write(items, **options)

    monkeypatch.setattr(run_writer, "write_fenced", held_back)
    emitter = bridge.for_context(mine)
    ending = asyncio.create_task(emitter.record(build_agent_completed(mine)))
    assert await asyncio.to_thread(begun.wait, PATIENCE)
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    go.set()
    await emitter.close()  # still waits for the commit
    assert [event.type for event in await sync_to_async(list_events)(people.owner)] == ["run_queued", "agent_completed"]


async def test_an_abandoned_terminal_event_blocks_nothing(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that stumbled here would leave every user's run of that batch waiting."""
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    theirs = (await sync_to_async(claim_queued_run)(people.neighbour, "two")).context
    monkeypatch.setattr(run_writer, "write_fenced", slow(run_writer.write_fenced))
    given_up = asyncio.create_task(bridge.for_context(mine).record(build_agent_completed(mine)))
    await asyncio.sleep(0)
    given_up.cancel()
    await asyncio.wait_for(bridge.for_context(theirs).record(build_agent_completed(theirs)), PATIENCE)
    for user in (people.owner, people.neighbour):
        assert [event.type for event in await sync_to_async(list_events)(user)] == ["run_queued", "agent_completed"]


def slow(write: Callable[..., Any]) -> Callable[..., Any]:
    def slowly(items: Any, **options: Any) -> Any:
        time.sleep(0.2)
        return write(items, **options)

    return slowly


async def test_a_terminal_event_that_failed_does_not_affect_the_next(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    write, failures = run_writer.write_fenced, [ValueError("full")]

    def fails_once(items: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        return write(items, **options)

    monkeypatch.setattr(run_writer, "write_fenced", fails_once)
    emitter = bridge.for_context(mine)
    with pytest.raises(ValueError, match="full"):
        await emitter.record(build_agent_completed(mine))
    await emitter.record(build_agent_completed(mine))
    assert (await Run.objects.aget()).state == RunState.COMPLETED


async def test_concurrent_events_are_stored_together_and_later_ones_are_lost(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    write = run_writer.write_fenced

    def write_and_record_sizes(items: Any, **options: Any) -> Any:
        sizes.extend(len(each.events) for each in items)
        return write(items, **options)

    monkeypatch.setattr(run_writer, "write_fenced", write_and_record_sizes)
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    async with StreamWriter(lambda written: None) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(mine)
        for number in range(MAX_ITEM_EVENTS + 2):
            await emitter.emit(thinking(mine, str(number)))
        await emitter.emit(AgentWriting(**build_agent_fields(mine, "supervisor"), text="a", part=1))
        await emitter.emit(thinking(mine, "after"))
        end = asyncio.create_task(emitter.record(build_agent_completed(mine)))
        await asyncio.sleep(0)
        await emitter.emit(thinking(mine, "too late"))
        await end
    assert sizes == [MAX_ITEM_EVENTS, 2, 1, 1, 1, 1]
    events = [each for each in await sync_to_async(list_events)(people.owner) if isinstance(each, AgentThinking)]
    assert [each.thought for each in events] == [*(str(number) for number in range(MAX_ITEM_EVENTS + 2)), "after"]


async def test_a_bad_event_does_not_affect_others(
    people: People, bridge: WebSocketBridgeFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    write = run_writer.write_fenced

    def write_unless_poisoned(items: Any, **options: Any) -> Any:
        if any(
            isinstance(event, AgentThinking) and event.thought == "poison" for each in items for event in each.events
        ):
            raise ValueError("poison")
        return write(items, **options)

    monkeypatch.setattr(run_writer, "write_fenced", write_unless_poisoned)
    emitter = bridge.for_context(mine)
    for thought in ("one", "poison", "two"):
        await emitter.emit(thinking(mine, thought))
    while emitter._pending:
        await asyncio.sleep(0.01)
    with pytest.raises(ValueError, match="poison"):
        await emitter.emit(thinking(mine, "next"))
    await emitter.record(build_agent_completed(mine))
    events = [each for each in await sync_to_async(list_events)(people.owner) if isinstance(each, AgentThinking)]
    assert [each.thought for each in events] == ["one", "two"]


async def test_an_emitter_waits_while_the_queue_is_full(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_PENDING_EVENTS", 10)
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    async with StreamWriter(lambda written: None) as writer:
        emitter = WebSocketBridgeFactory(writer).for_context(mine)
        for number in range(35):
            await emitter.emit(thinking(mine, str(number)))
            assert writer._pending_events <= 10
        await emitter.close()
        assert writer._pending_events == 0
    events = [each for each in await sync_to_async(list_events)(people.owner) if isinstance(each, AgentThinking)]
    assert [each.thought for each in events] == [str(number) for number in range(35)]
