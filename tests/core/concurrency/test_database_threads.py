"""Work on the database in threads of its own: fair, with connections that are closed, and nothing that leaks."""

import asyncio
import threading
from contextvars import ContextVar

import pytest
from blockbuster import BlockBuster
from django.db import connection, connections

from core.concurrency.database_threads import DatabaseThreadPool, SharedThreadExecutor, running_database_threads
from core.models import User
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)


async def test_run_returns_the_works_result_and_raises_its_error() -> None:
    async with running_database_threads(2) as database:
        assert await database.run("a", User.objects.count) == 0
        with pytest.raises(User.DoesNotExist):
            await database.run("a", User.objects.get, username="nobody")
    assert await SharedThreadExecutor().run("a", lambda: 7) == 7


async def test_one_users_blocked_work_leaves_a_thread_to_another() -> None:
    gate = threading.Event()
    async with running_database_threads(3) as database:
        held = [asyncio.create_task(database.run("noisy", gate.wait)) for _ in range(20)]
        try:
            async with asyncio.timeout(PATIENCE):
                for _ in range(5):
                    assert await database.run("quiet", User.objects.count) == 0
            assert not any(each.done() for each in held)
        finally:
            gate.set()
        assert await asyncio.gather(*held) == [True] * 20


async def test_each_threads_connection_is_closed_at_the_end() -> None:
    kept = []
    barrier = threading.Barrier(2)

    def ask() -> None:
        User.objects.count()
        barrier.wait()  # so that both threads are at it
        kept.append(connection._connections[connection._alias])  # type: ignore[attr-defined]

    async with running_database_threads(2) as database:
        await asyncio.gather(database.run("a", ask), database.run("b", ask))
        assert len(set(map(id, kept))) == 2
        assert all(each.connection is not None for each in kept)
    assert all(each.connection is None for each in kept)


async def test_a_broken_connection_is_not_reused() -> None:
    def break_it() -> None:
        connection.ensure_connection()
        connection.connection.close()
        User.objects.count()

    async with running_database_threads(2) as threads:
        for database in (threads, SharedThreadExecutor()):
            for _ in range(4):  # whichever thread it is
                with pytest.raises(Exception, match="closed"):
                    await database.run("a", break_it)
                assert await database.run("a", User.objects.count) == 0


async def test_context_variables_reach_the_work_but_not_the_caller() -> None:
    whose: ContextVar[str] = ContextVar("whose", default="nobody's")

    def look_and_leave() -> str:
        found = whose.get()
        whose.set("left behind")
        return found

    async with running_database_threads(2) as database:
        whose.set("mine")
        assert [await database.run("a", look_and_leave) for _ in range(4)] == ["mine"] * 4
        assert whose.get() == "mine"


async def test_a_slot_is_released_only_after_cancelled_work_has_ended() -> None:
    gate, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        gate.wait()

    def fail() -> str:
        raise User.DoesNotExist

    async with running_database_threads(2) as database:
        first = asyncio.create_task(database.run("a", wait))
        await asyncio.to_thread(begun.wait)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = asyncio.create_task(database.run("a", lambda: 2))
        assert await database.run("b", lambda: 3) == 3
        assert not second.done()
        gate.set()
        assert await second == 2


async def test_work_whose_caller_was_cancelled_is_undone() -> None:
    """Before the cancellation reaches the caller, whether the thread was at it or had just ended."""
    undone: list[str] = []
    gate, begun, ended = threading.Event(), threading.Event(), threading.Event()

    def wait() -> str:
        begun.set()
        gate.wait()
        return "at it"

    def end() -> str:
        ended.set()
        return "ended"

    def fail() -> str:
        raise User.DoesNotExist

    async with running_database_threads(2) as database:
        first = asyncio.create_task(database.run_or_undo("a", wait, undone.append))
        await asyncio.to_thread(begun.wait)
        first.cancel()
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert undone == ["at it"]

        second = asyncio.create_task(database.run_or_undo("a", end, undone.append))
        while not ended.is_set():
            await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        assert undone == ["at it", "ended"]

        with pytest.raises(User.DoesNotExist):
            await database.run_or_undo("a", fail, undone.append)
        assert await database.run_or_undo("a", lambda: "done", undone.append) == "done"
    assert undone == ["at it", "ended"]


async def test_each_of_many_results_reaches_its_caller() -> None:
    async with running_database_threads(4) as database:
        works = [database.run(number % 30, abs, number) for number in range(2_000)]
        assert await asyncio.gather(*works) == list(range(2_000))


def test_stopping_ends_the_threads(blockbuster: BlockBuster) -> None:
    threads = DatabaseThreadPool(3)
    threads.start()
    threads.stop()
    assert not any(each.is_alive() for each in threads._threads)
    assert connections is not None
