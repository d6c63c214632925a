"""A model that takes its time: its text is told while it is written, and then whole."""

import asyncio
from itertools import pairwise
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from agents.models import Run
from core.events import AgentThinking, AgentWriting
from core.models import User
from tests.conftest import People
from tests.llm.conftest import GiveLog, OpenServices, Serve
from tests.support import running_worker
from tests.support.llm import scripted_models, whole_runs
from tests.support.llm.model_responses import Answer, Script
from tests.support.patience import PATIENCE
from tests.support.rest_clients import rest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

WORDS = tuple(f"the word {tens}{ones} " for tens in "abcdef" for ones in "ghijklmnop")
PAUSE = 0.02  # seconds between two of them
END, MARKED_END = "and 98,765 requests.", "and 98,765 requests (unverified)."


def slowly() -> Script:
    """The first agent that says a sentence says this one, word by word, and stops before its end."""
    return scripted_models.at(
        "data", Answer(text=WORDS, then="hang", late=(END,), pause=PAUSE), scripted_models.diligent
    )


def load_snapshot_events(user: User, run: Run) -> list[dict[str, Any]]:
    """A run's events, as a page that is loaded anew gets them."""
    answer = rest(user).get(f"/api/snapshot/?thread={run.thread_id}")
    events: list[dict[str, Any]] = answer.json()["thread"]["messages"][0]["run"]["events"]
    return events


async def test_a_text_is_told_while_it_is_written_and_is_there_after_a_reload(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(slowly())
    workload = await sync_to_async(give_log)(people.owner)
    async with run_services(server) as opened:
        run = await whole_runs.start(people.owner, workload)
        async with whole_runs.working(opened):
            assert await asyncio.to_thread(server.hanging.acquire, timeout=PATIENCE)
            async with asyncio.timeout(PATIENCE):  # until what was said last is stored
                while "word eg" not in str(events := await sync_to_async(load_snapshot_events)(people.owner, run)):
                    await asyncio.sleep(0.02)
            server.going_on.set()
            told = await whole_runs.await_received_run(opened, run)
        again = await sync_to_async(load_snapshot_events)(people.owner, run)
    states = [event for event in events if event["type"] == "agent_writing"]
    texts = [event["text"] for event in states]
    assert len(texts) >= 3
    assert {(event["agent"], event["part"]) for event in states} == {("data", 0)}
    assert all("".join(WORDS).startswith(text) for text in texts)
    assert all(len(former) < len(later) for former, later in pairwise(texts))
    assert "word eg" in texts[-1]
    # And then it is whole, and in place of them.
    (text,) = [
        event for event in told.events if isinstance(event, AgentThinking) and event.agent == "data" and event.part == 0
    ]
    assert (text.source, text.thought) == ("model", "".join(WORDS) + MARKED_END)
    assert not [event for event in again if event["type"] == "agent_writing"]
    assert [event for event in again if event["type"] == "agent_thinking" and event["part"] is not None]


async def test_who_follows_hears_each_state_once_and_in_order(
    people: People, serve: Serve, run_services: OpenServices, give_log: GiveLog
) -> None:
    server = serve(slowly())
    server.going_on.set()
    async with run_services(server) as opened:
        told = await whole_runs.ask(opened, people.owner, await sync_to_async(give_log)(people.owner))
    kinds = [
        event.text if isinstance(event, AgentWriting) else event.thought
        for event in told.events
        if isinstance(event, AgentWriting | AgentThinking) and event.agent == "data" and event.part == 0
    ]
    assert len(kinds) >= 3
    assert kinds[-1] == "".join(WORDS) + MARKED_END
    assert all(later.startswith(former) and later != former for former, later in pairwise(kinds))
    # Four a second at most, by a clock that is not quite the one that counts them.
    times = [event.at.timestamp() for event in told.events if isinstance(event, AgentWriting)]
    assert all(later - former > 0.24 for former, later in pairwise(times))
    kept = await sync_to_async(running_worker.everything)(people.owner.id)
    assert not [event for event in kept if isinstance(event, AgentWriting)]
