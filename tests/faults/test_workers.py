"""Workers that are killed, frozen and stopped in the middle of runs, beside a server that runs none itself."""

import asyncio
import signal
from contextlib import ExitStack
from typing import Any

import pytest

from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.conftest import MISSING
from tests.faults.installation import Installation, list_complaints, open_scaled_out
from tests.parts import postgresql, redis
from tests.support.live_server import LiveServer

FROZEN_SECONDS = 10.0  # longer than a model is waited for here, and than a worker counts as alive


def list_starts(told: ReceivedStream, run: str) -> list[dict[str, Any]]:
    started = [event for event in told.events if event["type"] == "agent_started" and event["run_id"] == run]
    return [event for event in started if event["parent_request_id"] is None]


async def play(scaled: Installation, server: LiveServer, told: ReceivedStream) -> None:
    with silent_model() as model, ExitStack() as stack:
        patience = {"model_timeout_seconds": "9", "model_attempts": "1", **model}
        async with listening(server, told) as mine:
            names = ("killed", "frozen", "stopped")
            options = ("--kinds", "runs", "--concurrency", "1")
            workers = [stack.enter_context(scaled.worker(name, *options, **patience)) for name in names]
            runs = [await mine.start(f"cut my spend by {number} %") for number in (10, 20, 30)]
            await mine.until(lambda told: all(list_starts(told, run) for run in runs))  # one on each
            loop = asyncio.get_running_loop()
            for worker, number in zip(workers, (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM), strict=True):
                worker.send(number)
            lost_at = loop.time()
            other = await asyncio.to_thread(stack.enter_context, scaled.worker("other"))
            await mine.until(lambda told: all(told.ends(run) for run in runs))
            # The frozen one goes on when its model has kept it waiting for too long, and says so.
            await asyncio.sleep(max(0.0, FROZEN_SECONDS - (loop.time() - lost_at)))
            workers[1].send(signal.SIGCONT)
            await asyncio.sleep(2)  # a second end would come now
            for run in runs:
                ends = told.ends(run)
                assert [(end["type"], end["attempt"]) for end in ends] == [("agent_completed", 2)], ends
                assert [event["attempt"] for event in list_starts(told, run)] == [1, 2]
            assert await asyncio.to_thread(workers[2].process.wait, 30) == 0
            # It works on: what it began before it was frozen is no longer its own, what is begun now ends.
            again = await mine.start("what did I spend?")
            await mine.until(lambda told: bool(told.ends(again)))
        assert [list_complaints(worker) for worker in (other, workers[2])] == [[], []]


@pytest.mark.soak
def test_runs_of_lost_frozen_and_stopped_workers_are_resumed_by_another(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip(MISSING)
    with open_scaled_out(tmp_path_factory.mktemp("workers")) as scaled, scaled.server("front", runner="off") as server:
        asyncio.run(play(scaled, server, ReceivedStream(scaled.people(1)[0])))
        assert list_complaints(server) == []
