"""Workers that are killed, frozen and stopped in the middle of runs, beside a server that runs none itself."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import psycopg
import pytest

from agents.models import Run
from tests.faults.clients.listener import Listener, ReceivedStream, listening
from tests.faults.clients.silent import silent_model
from tests.faults.conftest import MISSING
from tests.faults.installation import Installation, Worker, list_complaints, open_scaled_out
from tests.parts import postgresql, redis
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tools.audit.models import AuditRow

FROZEN_SECONDS = 10.0  # longer than a model is waited for here, and than a worker counts as alive


def list_starts(told: ReceivedStream, run: str) -> list[dict[str, Any]]:
    started = [event for event in told.events if event["type"] == "agent_started" and event["run_id"] == run]
    return [event for event in started if event["parent_request_id"] is None]


async def await_answer(mine: Listener) -> None:
    run = await mine.start("what did I spend?")
    await mine.until(lambda told: bool(told.ends(run)))


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
            await await_answer(mine)
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


@contextmanager
def holding_audit(scaled: Installation) -> Iterator["psycopg.Connection[Any]"]:
    """Nobody can add to the audit within the block, which happens late in a transaction that stores what a run does."""
    assert scaled.database is not None
    with psycopg.connect(scaled.database.owner) as holder:
        holder.execute(f"LOCK TABLE {AuditRow._meta.db_table} IN SHARE MODE")
        yield holder


async def freeze_in_transaction(worker: Worker, holder: "psycopg.Connection[Any]") -> None:
    """Freeze it where it waits for the audit, and let its transaction have it: it has locks, and does nothing more."""
    waits = "SELECT 1 FROM pg_locks WHERE relation = %s::regclass AND NOT granted"
    while not holder.execute(waits, [AuditRow._meta.db_table]).fetchone():
        await asyncio.sleep(0.02)
    worker.send(signal.SIGSTOP)
    holder.rollback()


def is_locked(holder: "psycopg.Connection[Any]", run: str) -> bool:
    try:
        holder.execute(f"SELECT 1 FROM {Run._meta.db_table} WHERE id = %s FOR UPDATE NOWAIT", [UUID(run)])
    except psycopg.errors.LockNotAvailable:
        return True
    finally:
        holder.rollback()
    return False


async def play_frozen_transaction(scaled: Installation, server: LiveServer, told: ReceivedStream) -> None:
    with ExitStack() as stack:
        async with listening(server, told) as mine:
            frozen = stack.enter_context(scaled.worker("frozen", "--kinds", "runs", "--concurrency", "1"))
            with holding_audit(scaled) as holder:
                run = await mine.start("what did I spend?")
                async with asyncio.timeout(PATIENCE):
                    await freeze_in_transaction(frozen, holder)
                assert is_locked(holder, run)
            await asyncio.to_thread(stack.enter_context, scaled.worker("other"))
            await mine.until(lambda told: bool(told.ends(run)))  # and the frozen one still is
            frozen.send(signal.SIGCONT)
            await asyncio.sleep(2)  # a second end would come now
            assert [(end["type"], end["attempt"]) for end in told.ends(run)] == [("agent_completed", 2)]
            await await_answer(mine)
        assert "Traceback" not in server.read_log()


@pytest.mark.long
def test_a_worker_that_is_frozen_in_a_transaction_does_not_keep_its_run(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip(MISSING)
    with open_scaled_out(tmp_path_factory.mktemp("idle")) as scaled, scaled.server("front", runner="off") as server:
        asyncio.run(play_frozen_transaction(scaled, server, ReceivedStream(scaled.people(1)[0])))
