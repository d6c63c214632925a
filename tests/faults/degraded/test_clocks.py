"""Machines whose clocks are two minutes apart: who is alive, and which job is due, is for PostgreSQL's clock to say."""

import asyncio
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.clients.listener import Listener, ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.conftest import open_profile
from tests.faults.installation import Installation, Worker, list_complaints
from tests.support.live_server import LiveServer

pytestmark = pytest.mark.soak
ONE = ("--kinds", "runs", "--concurrency", "1")
# The model, which never answers, is waited for longer than a lost worker counts as alive.
PATIENCE = {"model_timeout_seconds": "12", "model_patience_seconds": "12", "model_attempts": "1"}
SHIFTS = {"ahead": 60.0, "behind": -60.0}


def has_begun(told: ReceivedStream, run: str, attempt: int = 1) -> bool:
    begun = ((event["run_id"], event["attempt"]) for event in told.events if event["type"] == "agent_started")
    return (run, attempt) in begun


async def await_end(mine: Listener, run: str, attempt: int) -> None:
    await mine.until(lambda told: bool(told.ends(run)))
    assert [end["attempt"] for end in mine.told.ends(run)] == [attempt]


async def ask_through_both(mine: Listener) -> None:
    """Each has a run, which waits in vain for longer than a lost worker counts as alive: neither takes the other's."""
    runs = [await mine.start(f"cut my spend by {number} %") for number in (10, 20)]
    await mine.until(lambda told: all(has_begun(told, run) for run in runs))
    for run in runs:
        await await_end(mine, run, attempt=1)


async def lose(mine: Listener, worker: Worker, heir: ExitStack, scaled: Installation, clock: float) -> None:
    """The only worker is killed in the middle of a run, which one whose clock is wrong the other way continues."""
    run = await mine.start("cut my spend by 30 %")
    await mine.until(lambda told: has_begun(told, run))
    worker.send(signal.SIGKILL)
    other = await asyncio.to_thread(heir.enter_context, scaled.shifted_worker(f"heir-{clock:.0f}", clock))
    await await_end(mine, run, attempt=2)
    assert list_complaints(other) == []


async def play(scaled: Installation, server: LiveServer, told: ReceivedStream) -> None:
    with silent_model() as model:
        async with listening(server, told) as mine:
            with ExitStack() as stack:
                workers = [
                    stack.enter_context(scaled.shifted_worker(name, clock, *ONE, **PATIENCE, **model))
                    for name, clock in SHIFTS.items()
                ]
                await ask_through_both(mine)
                assert [list_complaints(worker) for worker in workers] == [[], []]
            for name, clock in SHIFTS.items():
                with ExitStack() as stack:
                    lost = stack.enter_context(scaled.shifted_worker(f"lost-{name}", clock, *ONE, **PATIENCE, **model))
                    await lose(mine, lost, stack, scaled, -clock)


@pytest.mark.parametrize("clock", SHIFTS.values(), ids=list(SHIFTS))
def test_runs_end_once_whatever_the_clocks_say(tmp_path: Path, clock: float) -> None:
    """Those of both workers are wrong, one either way, and that of the server, which accepts the runs."""
    with open_profile("scale-out", tmp_path) as scaled, scaled.shifted_server("front", clock, runner="off") as server:
        asyncio.run(play(scaled, server, ReceivedStream(scaled.people(1)[0])))
        assert list_complaints(server) == []
