"""Idempotence and cancelling, as a client meets them: whatever is said how often, a run ends once."""

import asyncio
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.faults.clients.listener import Listener, ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.installation import Installation, list_complaints
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.long

SETTLED = 1.0  # seconds in which a second end would have come


@pytest.fixture(scope="module")
def server(apart: Installation) -> Iterator[LiveServer]:
    """It takes up one run at a time, and asks a model that takes every question and never answers."""
    with silent_model() as model, apart.server("cancels", engine_capacity="1", **model) as running:
        yield running
        assert list_complaints(running) == []


def has_begun(told: ReceivedStream, run: str) -> bool:
    return any(event["type"] == "agent_started" and event["run_id"] == run for event in told.events)


async def cancel_run(mine: Listener, run: str) -> dict[str, Any]:
    """Its one end."""
    assert (await mine.ask("cancel", run_id=run))["type"] == "accepted"
    await mine.until(lambda told: bool(told.ends(run)))
    (end,) = mine.told.ends(run)
    assert (end["type"], end.get("code")) == ("agent_error", "cancelled"), end
    return end


async def test_a_run_is_cancelled_before_during_and_after_its_work(apart: Installation, server: LiveServer) -> None:
    told = ReceivedStream(apart.people(1)[0])
    async with listening(server, told) as mine:
        first, second = await mine.start(), await mine.start()
        await mine.until(lambda so_far: has_begun(so_far, first))
        before = await cancel_run(mine, second)
        during = await cancel_run(mine, first)
        for run in (first, second):
            after = await mine.ask("cancel", run_id=run)
            assert (after["type"], after["code"]) == ("error", "conflict")
        await asyncio.sleep(SETTLED)
    assert before["stopping_ms"] == 0  # nothing had to be stopped
    assert during["stopping_ms"] > 0
    assert not has_begun(told, second)
    assert [len(told.ends(run)) for run in (first, second)] == [1, 1]


async def test_a_run_is_cancelled_repeatedly_while_it_ends(apart: Installation, server: LiveServer) -> None:
    told = ReceivedStream(apart.people(1)[0])
    async with listening(server, told) as mine:
        run = await mine.start()
        await mine.until(lambda so_far: has_begun(so_far, run))
        answers = await asyncio.gather(*(mine.ask("cancel", run_id=run) for _ in range(20)))
        await mine.until(lambda so_far: bool(so_far.ends(run)))
        await asyncio.sleep(SETTLED)
    assert {answer["type"] for answer in answers} <= {"accepted", "error"}
    assert answers[0]["type"] == "accepted"
    assert [event["type"] for event in told.events].count("run_cancel_requested") == 1
    assert len(told.ends(run)) == 1


async def test_a_start_repeated_on_two_sockets_is_one_run(apart: Installation, server: LiveServer) -> None:
    tabs = [ReceivedStream(person) for person in apart.people(1) * 2]
    same = str(uuid4())
    async with listening(server, tabs[0]) as left, listening(server, tabs[1]) as right:
        runs = await asyncio.gather(*(tab.start(client_id=same) for tab in (left, right) * 5))
        assert len(set(runs)) == 1
        await cancel_run(left, runs[0])
        await right.until(lambda told: bool(told.ends(runs[0])))
        assert await left.start(client_id=same) == runs[0]  # it is over, and does not begin again
        await asyncio.sleep(SETTLED)
    assert tabs[0].events == tabs[1].events
    assert len(tabs[0].ends(runs[0])) == 1
    assert [event["type"] for event in tabs[0].events].count("run_queued") == 1
