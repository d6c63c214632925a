"""The emitters' policy: what is critical is never dropped, texts that a model is writing wait in their latest state."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from blockbuster import BlockBuster

from agents import run_writer
from agents.run_writer import RunItem, WriteResult
from core.context import UserExecutionContext
from core.events import (
    AgentCompleted,
    AgentThinking,
    AgentWriting,
    Event,
    ToolCompleted,
    ToolExecuting,
    build_agent_fields,
)
from realtime.emitter import UserWebSocketEmitter, WebSocketBridgeFactory
from realtime.writer.commit import WriteJob
from realtime.writer.stream_writer import MAX_PENDING_EVENTS, StreamWriter, TextCoalescer
from tests.agents.claimed_runs import claim_queued_run
from tests.conftest import People
from tests.support.fakes import context
from tests.support.patience import PATIENCE
from tests.support.running_worker import everything

pytestmark = pytest.mark.django_db(transaction=True)


def writing(mine: UserExecutionContext, text: str, part: int = 0) -> AgentWriting:
    return AgentWriting(**build_agent_fields(mine, "data"), part=part, text=text)


def waiting(event: Event, mine: UserExecutionContext) -> WriteJob:
    return WriteJob(RunItem(user_id=mine.user_id, run_id=mine.run_id, attempt=1, events=(event,)), lambda error: None)


class Database:
    """One that answers when it is let."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.asked = threading.Semaphore(0)
        self._write = run_writer.write_fenced

    def write(self, items: Any, **options: Any) -> WriteResult:
        self.asked.release()
        assert self.free.wait(30)
        return self._write(items, **options)


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch, blockbuster: BlockBuster) -> Iterator[Database]:
    blocked = Database()
    monkeypatch.setattr(run_writer, "write_fenced", blocked.write)
    yield blocked
    blocked.free.set()


@pytest.fixture
async def writer(database: Database) -> AsyncIterator[StreamWriter]:
    async with StreamWriter(lambda written: None) as opened:
        yield opened
        database.free.set()  # it ends once all is stored


async def work(emitter: UserWebSocketEmitter, mine: UserExecutionContext) -> list[Event]:
    """Ten calls, each after a text in a thousand states. Returns what of it is critical."""
    critical: list[Event] = []

    async def say(event: ToolExecuting | ToolCompleted | AgentThinking) -> None:
        critical.append(event)
        await emitter.emit(event)

    data = build_agent_fields(mine, "data")
    for part in range(10):
        for state in range(1, 1_001):
            await emitter.emit(writing(mine, "x" * state, part))
        await say(AgentThinking(**data, thought="x" * 1_000, source="model", part=part))
        await say(ToolExecuting(**data, call_id=str(part), tool="t", title="T", arguments={}))
        await say(ToolCompleted(**data, call_id=str(part), tool="t", outcome="ok", duration_ms=1))
    return critical


async def test_only_the_latest_state_waits_and_critical_events_are_kept(
    people: People, database: Database, writer: StreamWriter
) -> None:
    users = (people.owner, people.neighbour)
    turns = [(await sync_to_async(claim_queued_run)(user)).context for user in users]
    emitters = [WebSocketBridgeFactory(writer).for_context(mine) for mine in turns]
    await emitters[0].emit(writing(turns[0], "first", 99))
    await asyncio.to_thread(database.asked.acquire)  # the database has it, and does not answer
    pairs = zip(emitters, turns, strict=True)
    told = await asyncio.wait_for(asyncio.gather(*(work(emitter, mine) for emitter, mine in pairs)), PATIENCE)
    # 20,000 states were told: of each text the latest waits, and all the rest.
    assert writer._pending_events == 1 + 2 * 10 * (1 + 3)
    assert writer._pending_events < MAX_PENDING_EVENTS
    end = [
        AgentCompleted(**build_agent_fields(mine, "supervisor"), outcome="completed", summary="", duration_ms=0)
        for mine in turns
    ]
    ending = asyncio.gather(*(emitter.record(each) for emitter, each in zip(emitters, end, strict=True)))
    await asyncio.sleep(0)
    database.free.set()
    await asyncio.wait_for(ending, PATIENCE)
    for user, critical, last in zip(users, told, end, strict=True):
        events = await sync_to_async(everything)(user.id)
        assert [event for event in events[1:] if not isinstance(event, AgentWriting)] == [*critical, last]


async def test_the_latest_state_is_stored(people: People, database: Database, writer: StreamWriter) -> None:
    mine = (await sync_to_async(claim_queued_run)(people.owner)).context
    emitter = WebSocketBridgeFactory(writer).for_context(mine)
    await emitter.emit(writing(mine, "a"))
    await asyncio.to_thread(database.asked.acquire)
    for text in ("ab", "abc"):
        await emitter.emit(writing(mine, text))
        await emitter.emit(writing(mine, f"other {text}", part=1))
    await emitter.emit(AgentThinking(**build_agent_fields(mine, "data"), thought="hm"))
    await emitter.emit(writing(mine, "abcd"))
    database.free.set()
    await asyncio.wait_for(emitter.close(), PATIENCE)
    events = await sync_to_async(everything)(people.owner.id)
    told = [event.text if isinstance(event, AgentWriting) else event.type for event in events]
    assert told == ["run_queued", "a", "other abc", "agent_thinking", "abcd"]


def test_a_waiting_state_is_replaced_by_a_later_one() -> None:
    mine, latest = context(), TextCoalescer()
    first, second, other = (waiting(writing(mine, text, part), mine) for text, part in (("a", 0), ("ab", 0), ("b", 1)))
    assert latest.replace(first) is None
    latest.remove([first])  # at the database, which has no time for it
    assert latest.replace(second) is None
    assert latest.replace(other) is None
    assert latest.is_superseded(first)
    latest.remove([second])
    assert not latest.is_superseded(second)
    assert latest.replace(first) is second


def test_texts_of_different_runs_and_turns_wait_separately() -> None:
    latest, mine = TextCoalescer(), context()
    for each in (mine, mine.child(), context(user_id=mine.user_id)):
        assert latest.replace(waiting(writing(each, "a"), each)) is None
    for _ in range(2):
        job = waiting(AgentThinking(**build_agent_fields(mine, "data"), thought="a", source="model", part=0), mine)
        assert latest.replace(job) is None
        assert not latest.is_superseded(job)
