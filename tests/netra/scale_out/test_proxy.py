"""nginx in front of the servers, with websockets that stay open: what it thinks of a server that was restarted."""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from netra.scale_out.proxy import build_proxy_part
from tests.netra.scale_out.test_run_scaled import is_installed
from tests.parts.ports import free_port
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.skipif(not is_installed("nginx"), reason="not installed: sudo apt-get install nginx")

CLIENTS = 10


async def hold(socket: ServerConnection) -> None:
    await socket.wait_closed()


@contextmanager
def running_proxy(folder: Path, ports: list[int]) -> Iterator[int]:
    """Run nginx in front of these ports; yields its own."""
    port = free_port()
    part = build_proxy_part(folder, port, ports)
    process, until = subprocess.Popen(part.command, stderr=subprocess.DEVNULL), time.monotonic() + PATIENCE
    try:
        while not part.is_ready():
            assert time.monotonic() < until
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


async def move_clients(port: int, first: int, second: int) -> None:
    """Connect while the first server isn't there yet, and then, many at once, while the second one is lost."""
    url = f"ws://127.0.0.1:{port}/ws/"
    async with serve(hold, "127.0.0.1", second):
        for _ in range(2):  # one of them is refused by the first server
            async with connect(url):
                pass
    async with serve(hold, "127.0.0.1", first), AsyncExitStack() as sockets:
        for _ in range(CLIENTS):
            await sockets.enter_async_context(connect(url))


def test_a_server_that_was_restarted_takes_all_clients_of_another_that_is_lost(tmp_path: Path) -> None:
    first, second = free_port(), free_port()
    with running_proxy(tmp_path, [first, second]) as port:
        asyncio.run(move_clients(port, first, second))
