"""Answers that nobody reads stay few, and cost the others nothing."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import BinaryIO
from urllib.parse import urlsplit

import pytest

from tests.faults.memory import resident
from tests.netra.server.exchange import exchange, head
from tests.support.live_server import LiveServer, run_daphne_command

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

HOST = ("Host", "127.0.0.1")
LARGE = "/static/admin/js/vendor/jquery/jquery.js"  # some 280 kB
PIPELINED = 200  # of them: 56 MB for each connection
DEAF = 4
AFFAIRS = 40 << 20  # bytes that the server may gain by its own affairs; without a bound it would be 220 MB


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    with run_daphne_command(tmp_path_factory.mktemp("plain")) as running:
        yield running


def deaf(server: LiveServer) -> socket.socket:
    """A connection for which this machine's kernel keeps next to nothing."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    where = urlsplit(server.origin)
    connection.connect((where.hostname, where.port))
    return connection


def build_requests(count: int, *headers: tuple[str, str]) -> bytes:
    return head("GET", LARGE, [HOST, *headers]) * count


def test_answers_left_unread_are_not_collected_and_come_whole_once_they_are_read(server: LiveServer) -> None:
    whole = exchange(server, "GET", LARGE, [HOST]).body
    assert len(whole) > 200_000
    before = resident(server)
    with ExitStack() as stack:
        all_deaf = [stack.enter_context(deaf(server)) for _ in range(DEAF)]
        for each in all_deaf:
            each.sendall(build_requests(PIPELINED))
        # Meanwhile others are served. Were answers collected, all would be there after so many turns of the loop.
        for _ in range(PIPELINED):
            assert exchange(server, "GET", "/healthz/live", [HOST]).status == 200
        assert resident(server) - before < AFFAIRS
        file = all_deaf[0].makefile("rb")
        for _ in range(20):
            assert read(file) == whole


def read(file: BinaryIO) -> bytes:
    """The body of the next answer of a connection that has several."""
    assert file.readline().startswith(b"HTTP/1.1 200 ")
    length = 0
    while line := file.readline().strip():
        name, _, value = line.partition(b":")
        length = int(value) if name.lower() == b"content-length" else length
    return file.read(length)


def test_a_server_stops_though_somebody_does_not_read(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with run_daphne_command(tmp_path_factory.mktemp("stopped")) as stopping, deaf(stopping) as line:
        line.sendall(build_requests(PIPELINED))
        with deaf(stopping) as other:
            other.sendall(head("POST", "/accounts/login/", [HOST, ("Content-Length", "9")]))
            assert exchange(stopping, "GET", "/healthz/live", [HOST]).status == 200
            stopping.stop()
            assert is_closed(other)


def is_closed(line: socket.socket) -> bool:
    try:
        return line.recv(1) == b""
    except ConnectionResetError:
        return True
