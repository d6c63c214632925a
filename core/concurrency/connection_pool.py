"""Options of pools of connections to PostgreSQL: whoever waits while it is away is served soon after it is back.

The library waits twice as long after each failed try, up to minutes, and gives a connection up for good in the end.
Here it tries once a second, for ever."""

import asyncio
from collections.abc import Mapping
from threading import Lock
from typing import Any

WAIT_SECONDS = 10.0
"""For a free connection, before the caller gets an error."""
RECONNECT_SECONDS = 2.0  # of tries, which are a second apart, before a series of them begins anew


def build_pool_options(max_size: int) -> Mapping[str, Any]:
    """Return arguments of a `psycopg_pool.ConnectionPool`."""
    lock = Lock()

    def try_again(pool: Any) -> None:
        """Open the connection that the pool has just given up: it does so where its smallest size grows."""
        with lock:
            pool.resize(2, max(2, max_size))
            pool.resize(1, max_size)

    return _build_options(max_size, try_again)


def build_async_pool_options(max_size: int) -> Mapping[str, Any]:
    """Return arguments of a `psycopg_pool.AsyncConnectionPool`."""
    lock = asyncio.Lock()

    async def try_again(pool: Any) -> None:
        async with lock:
            await pool.resize(2, max(2, max_size))
            await pool.resize(1, max_size)

    return _build_options(max_size, try_again)


def is_pool_timeout(error: BaseException) -> bool:
    """Whether somebody has waited for a connection as long as one may."""
    from psycopg_pool import PoolTimeout  # noqa: PLC0415  # only where PostgreSQL is used

    return isinstance(error.__cause__, PoolTimeout)


def _build_options(max_size: int, try_again: Any) -> Mapping[str, Any]:
    return {
        "min_size": 1,
        "max_size": max_size,
        "timeout": WAIT_SECONDS,
        "reconnect_timeout": RECONNECT_SECONDS,
        "reconnect_failed": try_again,
    }
