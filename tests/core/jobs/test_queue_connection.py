"""A connection that is not opened leaves no socket behind, for which a PostgreSQL that shuts down would wait."""

import asyncio
import socket
from collections.abc import Iterator

import psycopg
import pytest

from core.jobs.queue_connection import QueueConnection
from tests.support.patience import PATIENCE


@pytest.fixture
def silent() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


def build_address(server: socket.socket, seconds: int) -> str:
    return f"postgres://netra:none@127.0.0.1:{server.getsockname()[1]}/netra?connect_timeout={seconds}"


async def await_end(client: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=client)
    async with asyncio.timeout(PATIENCE):
        await reader.read()
    writer.close()


def test_an_opening_that_is_cancelled_closes_its_socket_although_the_error_is_kept(silent: socket.socket) -> None:
    async def play() -> None:
        opening = asyncio.create_task(QueueConnection.connect(build_address(silent, 600)))
        client, _ = await asyncio.to_thread(silent.accept)
        opening.cancel()
        with pytest.raises(asyncio.CancelledError) as kept:
            await opening
        await await_end(client)
        assert kept.value is not None

    asyncio.run(play())


def test_an_opening_that_takes_too_long_closes_its_socket_although_the_error_is_kept(silent: socket.socket) -> None:
    async def play() -> None:
        with pytest.raises(psycopg.errors.ConnectionTimeout) as kept:
            await QueueConnection.connect(build_address(silent, 1))
        client, _ = await asyncio.to_thread(silent.accept)
        await await_end(client)
        assert kept.value is not None

    asyncio.run(play())
