"""PostgreSQL is restarted while a worker takes over the runs of one that was killed: none of them is stranded."""

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.faults.clients.silent import silent_model
from tests.faults.conftest import open_profile
from tests.faults.degraded.test_clocks import has_begun
from tests.faults.installation import Installation
from tests.faults.storm.asker import Asker, Question
from tests.faults.storm.storm import find_errors, until
from tests.faults.test_full_disk import Caller
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

RUNS = 5
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'application' AND wait_event_type = 'Lock'"


@contextmanager
def held_run(owner: str, run: str) -> Iterator[None]:
    """Hold the row of a run, so that whoever takes it over waits. The connection ends with the server."""
    connection = psycopg.connect(owner)
    try:
        connection.execute("SELECT 1 FROM agents_run WHERE id = %s FOR UPDATE", [run])
        yield
    finally:
        connection.close()


def await_recovery(owner: str) -> None:
    end = time.monotonic() + PATIENCE
    with psycopg.connect(owner, autocommit=True) as connection:
        while not connection.execute(WAITING).fetchone()[0]:  # type: ignore[index]
            assert time.monotonic() < end, "nobody took the runs over"
            time.sleep(0.02)


def start(caller: Caller, percent: int) -> str:
    question = {"text": f"cut my spend by {percent} %", "client_id": str(uuid4())}
    return str(caller.ask("POST", "runs/", 201, question)["id"])


async def play(scaled: Installation, server: LiveServer, asker: Asker) -> list[str]:
    """The runs."""
    database, told = scaled.database, asker.told
    assert database is not None
    caller = Caller(server, told.person)
    attending = asyncio.create_task(asker.attend())  # it connects again whenever its socket is closed
    with silent_model() as model, ExitStack() as stack:
        lost = stack.enter_context(scaled.worker("lost", "--kinds", "runs", **model))
        runs = [await asyncio.to_thread(start, caller, percent) for percent in range(1, RUNS + 1)]
        await until(lambda: all(has_begun(told, run) for run in runs))
        # In the middle: some are taken over before, the others after.
        with held_run(database.owner, runs[RUNS // 2]):
            lost.send(signal.SIGKILL)
            stack.enter_context(scaled.worker("other"))
            await asyncio.to_thread(await_recovery, database.owner)
            await asyncio.to_thread(database.restart, 1.0)
        await until(lambda: all(told.ends(run) for run in runs))
        await asyncio.sleep(2)  # a second end would come now
    attending.cancel()
    return runs


@pytest.mark.soak
def test_runs_that_were_being_taken_over_end_once(tmp_path: Path) -> None:
    with open_profile("scale-out", tmp_path) as scaled, scaled.server("front", runner="off") as server:
        asker = Asker(scaled.people(1)[0], server.websocket, 1)
        runs = asyncio.run(play(scaled, server, asker))
        ends = [asker.told.ends(run) for run in runs]
        assert [[end["type"] for end in each] for each in ends] == [["agent_completed"]] * RUNS
        assert all(each[0]["attempt"] in (2, 3) for each in ends)
        asker.questions += [Question(run, "", run) for run in runs]
        assert asyncio.run(find_errors(asker, server.websocket)) == []
