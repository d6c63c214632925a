"""Pools while PostgreSQL is away: no connection is given up for good."""

import asyncio
import logging
from collections.abc import Iterator
from threading import Event
from typing import Any

import psycopg
import pytest
from psycopg_pool import AsyncConnectionPool, ConnectionPool

from core.concurrency import connection_pool
from core.concurrency.connection_pool import build_async_pool_options, build_pool_options
from tests.support.patience import PATIENCE

SIZE = 3
SERIES = 3  # of tries, each of which the library would give up after


class FakeConnection:
    """What a pool asks of a connection that it hands out."""

    class pgconn:  # noqa: N801
        transaction_status = psycopg.pq.TransactionStatus.IDLE

    _created_at = _expire_at = float("inf")
    _pool: Any = None
    closed = False

    def close(self) -> None:
        pass


class Server:
    """It is away until so many series of tries have failed."""

    def __init__(self) -> None:
        self.failed = 0
        self.is_back = Event()

    def connect(self) -> FakeConnection:
        if not self.is_back.is_set():
            raise psycopg.OperationalError("it is away")
        return FakeConnection()

    def count_series(self) -> None:
        self.failed += 1
        if self.failed >= SERIES:
            self.is_back.set()


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Series that end at once."""
    monkeypatch.setattr(connection_pool, "RECONNECT_SECONDS", 0.001)
    monkeypatch.setattr(connection_pool, "WAIT_SECONDS", PATIENCE)
    with caplog.at_level(logging.CRITICAL, "psycopg.pool"):
        yield


def test_who_waits_is_served_when_it_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()

    class Pool(ConnectionPool[Any]):
        def _connect(self, timeout: float | None = None) -> Any:
            return server.connect()

        def reconnect_failed(self) -> None:
            server.count_series()
            super().reconnect_failed()

    with Pool("", open=False, **build_pool_options(SIZE)) as pool:
        pool.getconn()
        assert server.failed >= SERIES
        assert (pool.min_size, pool.max_size) == (1, SIZE)
        for _ in range(SIZE - 1):
            pool.getconn()


async def test_the_asynchronous_one_too() -> None:
    server = Server()

    class Pool(AsyncConnectionPool[Any]):
        async def _connect(self, timeout: float | None = None) -> Any:
            return server.connect()

        async def reconnect_failed(self) -> None:
            server.count_series()
            await super().reconnect_failed()

    pool = Pool("", open=False, **build_async_pool_options(SIZE))
    await pool.open()
    async with asyncio.timeout(PATIENCE):
        await pool.getconn()
        assert server.failed >= SERIES
        for _ in range(SIZE - 1):
            await pool.getconn()
    assert (pool.min_size, pool.max_size) == (1, SIZE)
