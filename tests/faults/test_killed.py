"""A server killed with -9 in the middle of runs: another one ends them, and clients go on where they stood."""

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest

from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.installation import Installation, list_complaints
from tests.support.live_server import LiveServer

RUNS = 8


async def begin(server: LiveServer, told: ReceivedStream) -> list[str]:
    """Start runs, and kill the server when all of them have begun."""
    async with listening(server, told) as mine:
        runs = [await mine.start(f"cut {n} %") for n in range(1, RUNS + 1)]
        await mine.until(lambda so_far: list_started_runs(so_far) >= set(runs))
        server.kill()
        await mine.socket.wait_closed()
    return runs


def list_started_runs(told: ReceivedStream) -> set[str]:
    return {event["run_id"] for event in told.events if event["type"] == "agent_started"}


async def go_on(server: LiveServer, told: ReceivedStream, runs: list[str]) -> None:
    async with listening(server, told) as mine:
        await mine.until(lambda so_far: all(so_far.ends(run) for run in runs))
        await asyncio.sleep(1)  # a second end would come now


async def fresh(server: LiveServer, told: ReceivedStream) -> list[dict[str, Any]]:
    """The whole stream, as a client sees it that was never here before."""
    again = ReceivedStream(told.person)
    async with listening(server, again) as mine:
        await mine.until(lambda so_far: so_far.upto >= told.upto)
    return again.events


def check(told: ReceivedStream, runs: list[str], whole: list[dict[str, Any]]) -> None:
    assert told.events == whole  # no gap and no double, across two servers
    assert [len(told.ends(run)) for run in runs] == [1] * len(runs)
    assert all(told.ends(run)[0]["type"] == "agent_completed" for run in runs)
    lost = [run for run in runs if told.ends(run)[0]["attempt"] == 2]
    assert lost, "none of the runs was under way"
    for run in lost:
        anew = [e for e in told.events if e["type"] == "agent_started" and e["run_id"] == run and e["attempt"] == 2]
        assert anew[0]["parent_request_id"] is None  # told anew, from the top


@dataclass(frozen=True, slots=True)
class KilledServer:
    told: ReceivedStream
    runs: list[str]


def kill(server: LiveServer, told: ReceivedStream) -> KilledServer:
    return KilledServer(told, asyncio.run(begin(server, told)))


@pytest.fixture(scope="module")
def killed_servers(alone: Installation, scaled_alone: Installation) -> tuple[KilledServer, KilledServer]:
    """Both profiles' are killed before either is waited for: it takes its time until they count as lost. No other
    server is there that could take up their runs before."""
    with silent_model() as model:  # so that no run ends before
        with scaled_alone.server("victim", **model) as victim:
            scaled = kill(victim, ReceivedStream(scaled_alone.people(1)[0]))
        with alone.server("killed", **model) as server:
            embedded = kill(server, ReceivedStream(alone.people(1)[0]))
    return embedded, scaled


@pytest.mark.long
def test_another_server_takes_over_from_a_killed_one(
    scaled_alone: Installation, killed_servers: tuple[KilledServer, KilledServer]
) -> None:
    scene = killed_servers[1]
    with scaled_alone.server("survivor") as survivor:
        asyncio.run(go_on(survivor, scene.told, scene.runs))
        check(scene.told, scene.runs, asyncio.run(fresh(survivor, scene.told)))
        assert list_complaints(survivor, apart_from="channels_redis") == []


@pytest.mark.long
def test_a_restarted_server_finishes_interrupted_runs(
    alone: Installation, killed_servers: tuple[KilledServer, KilledServer]
) -> None:
    scene = killed_servers[0]
    with alone.server("again") as again:
        asyncio.run(go_on(again, scene.told, scene.runs))
        check(scene.told, scene.runs, asyncio.run(fresh(again, scene.told)))
        assert list_complaints(again) == []
