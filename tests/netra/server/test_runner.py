"""Limits on data that a client sends to `manage.py run` before any of our code reads it."""

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from blockbuster import BlockBuster
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from realtime.limits import FRAME_BYTES, MESSAGE_BYTES
from tests.netra.management.test_run import free_port, manage, run_server
from tests.support.patience import PATIENCE

pytestmark = [pytest.mark.slow, pytest.mark.long]

MB = 1024 * 1024
GROWTH = 16  # MB of resident memory that a server may have gained since: its own affairs


@pytest.fixture(autouse=True)
def loop_may_wait(blockbuster: BlockBuster) -> None:
    """The server is another process; the test's own loop may block."""
    blockbuster.deactivate()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str], int]]:
    """Where its websocket is, by whose authority, and the server's process."""
    data, port = tmp_path_factory.mktemp("run") / "data", free_port(23_000)
    with run_server(data, port) as server:
        server.ready()
        key = manage(data, "token", "ana").stdout.strip()
        yield f"ws://127.0.0.1:{port}/ws/", {"Authorization": f"Token {key}"}, server.process.pid


def resident(pid: int) -> int:
    """The most that a process has had in memory, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) // 1024


async def wait_for_close(socket: ClientConnection) -> int | None:
    try:
        while True:
            await asyncio.wait_for(socket.recv(), PATIENCE)
    except ConnectionClosed:
        return socket.close_code


async def test_what_is_above_a_frame_is_refused_and_the_socket_lives_on(
    address: tuple[str, dict[str, str], int],
) -> None:
    where, authority, _ = address
    async with connect(where, additional_headers=authority) as socket:
        assert json.loads(await socket.recv())["type"] == "welcome"
        for size in (FRAME_BYTES + 1, 200_000, MESSAGE_BYTES):
            await socket.send("x" * size)
            assert json.loads(await socket.recv())["code"] == "too_large"
        await socket.send('{"type":"ping","id":"p"}')
        assert json.loads(await socket.recv()) == {"type": "pong", "id": "p"}


async def test_what_is_above_a_message_ends_the_socket_and_is_not_held(
    address: tuple[str, dict[str, str], int],
) -> None:
    where, authority, pid = address
    before = resident(pid)
    for size in (MESSAGE_BYTES + 1, 32 * MB):
        async with connect(where, additional_headers=authority) as socket:
            sending = asyncio.create_task(socket.send("x" * size))
            assert await wait_for_close(socket) == 1009
            await asyncio.wait([sending])
            sending.exception()  # it may not have come to its end
    assert resident(pid) - before < GROWTH


async def test_a_message_in_pieces_counts_as_one(address: tuple[str, dict[str, str], int]) -> None:
    where, authority, pid = address
    before = resident(pid)

    async def endless(socket: ClientConnection) -> None:
        await socket.send("x" * 64_000 for _ in range(500))

    async with connect(where, additional_headers=authority) as socket:
        sending = asyncio.create_task(endless(socket))
        assert await wait_for_close(socket) == 1009
        await asyncio.wait([sending])
        sending.exception()
    assert resident(pid) - before < GROWTH


def test_a_huge_body_is_refused_by_its_length(address: tuple[str, dict[str, str], int]) -> None:
    port = urlsplit(address[0]).port
    with socket.create_connection(("127.0.0.1", port or 0), timeout=PATIENCE) as line:
        line.sendall(b"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 600000000\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")
