"""PostgreSQL is restarted while a worker takes over the runs of one that was killed: none of them is stranded."""

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from websockets.exceptions import ConnectionClosedError

from realtime.protocol import CloseCode
from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.conftest import open_profile
from tests.faults.degraded.test_clocks import has_begun
from tests.faults.installation import Installation
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

RUNS = 5
TEMPORARY = (CloseCode.GOING_AWAY, CloseCode.BROKEN)
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'application' AND wait_event_type = 'Lock'"


@contextmanager
def held_run(owner: str, run: str) -> Iterator[psycopg.Connection]:
    """Hold the row of a run, so that whoever takes it over waits. The connection ends with the server."""
    connection = psycopg.connect(owner)
    try:
        connection.execute("SELECT 1 FROM agents_run WHERE id = %s FOR UPDATE", [run])
        yield connection
    finally:
        connection.close()


def await_recovery(owner: str) -> None:
    until = time.monotonic() + PATIENCE
    with psycopg.connect(owner, autocommit=True) as connection:
        while not connection.execute(WAITING).fetchone()[0]:  # type: ignore[index]
            assert time.monotonic() < until, "nobody took the runs over"
            time.sleep(0.02)


async def await_ends(server: LiveServer, told: ReceivedStream, runs: list[str]) -> None:
    async with listening(server, told) as mine:
        await mine.until(lambda told: all(told.ends(run) for run in runs))
        again = await mine.start("what did I spend?")
        await mine.until(lambda told: bool(told.ends(again)))
        await asyncio.sleep(2)  # a second end would come now


async def insist(connect: Callable[[], Awaitable[None]]) -> None:
    """A socket that finds the connection to its database broken is closed with a code that says: connect again."""
    async with asyncio.timeout(2 * PATIENCE):
        while True:
            try:
                return await connect()
            except ConnectionClosedError as error:
                if error.rcvd is None or error.rcvd.code not in TEMPORARY:
                    raise
                await asyncio.sleep(0.2)


async def play(scaled: Installation, server: LiveServer, told: ReceivedStream) -> None:
    database = scaled.database
    assert database is not None
    with silent_model() as model, ExitStack() as stack:
        async with listening(server, told) as mine:
            lost = stack.enter_context(scaled.worker("lost", "--kinds", "runs", **model))
            runs = [await mine.start(f"cut my spend by {number} %") for number in range(1, RUNS + 1)]
            await mine.until(lambda told: all(has_begun(told, run) for run in runs))
        # In the middle: some are taken over before, the others after.
        with held_run(database.owner, runs[RUNS // 2]):
            lost.send(signal.SIGKILL)
            other = stack.enter_context(scaled.worker("other"))
            await asyncio.to_thread(await_recovery, database.owner)
            await asyncio.to_thread(database.restart, 1.0)
        await insist(lambda: await_ends(server, told, runs))
        ends = [told.ends(run) for run in runs]
        assert [[end["type"] for end in each] for each in ends] == [["agent_completed"]] * RUNS, other.read_log()[
            -3000:
        ]
        assert all(each[0]["attempt"] in (2, 3) for each in ends)


@pytest.mark.soak
def test_runs_that_were_being_taken_over_end_once(tmp_path: Path) -> None:
    with open_profile("scale-out", tmp_path) as scaled, scaled.server("front", runner="off") as server:
        asyncio.run(play(scaled, server, ReceivedStream(scaled.people(1)[0])))
