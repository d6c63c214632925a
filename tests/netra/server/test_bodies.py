"""Bodies that are too long, too slow or of unknown length are refused on arrival, and nothing of them is stored."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from netra.server.limits import ANONYMOUS_BODY_BYTES, BODIES_PER_ADDRESS_BYTES, BODY_BYTES, HEADER_BYTES, LINGER_BYTES
from tests.conftest import People
from tests.netra.server.exchange import Answer, answer_on, exchange, head, open_connection
from tests.support.live_server import LiveServer, run_daphne_command
from tests.support.stream_client import token_of
from workloads.uploads import PART_BYTES

pytestmark = pytest.mark.django_db(transaction=True)

HOST = ("Host", "127.0.0.1")
HUGE = 600 * 1024**2
ON_THE_WAY = 16 * 1024**2  # bytes that two kernels may hold between two sockets, generously
PART = "/api/uploads/8d7a1d0e-0000-4000-8000-000000000000/"


@pytest.fixture(scope="module")
def spool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's temporary files are."""
    return tmp_path_factory.mktemp("spool")


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory, spool: Path) -> Iterator[LiveServer]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(spool))
        with run_daphne_command(tmp_path_factory.mktemp("plain")) as running:
            yield running


def measure_spooled(server: LiveServer, spool: Path) -> int:
    """Bytes in temporary files that the server holds, those without a name included."""
    total = 0
    for entry in Path(f"/proc/{server.pid}/fd").iterdir():
        with suppress(OSError):
            if os.readlink(entry).startswith(str(spool)):
                total += entry.stat().st_size
    return total


def start_request(server: LiveServer, method: str, path: str, *headers: tuple[str, str]) -> socket.socket:
    """A request whose headers have been sent, and nothing of its body."""
    connection = open_connection(server)
    connection.sendall(head(method, path, [HOST, *headers]))
    return connection


def get_status_and_code(answer: Answer) -> tuple[int, str]:
    return answer.status, json.loads(answer.body)["code"]


def test_a_huge_body_is_refused_by_its_length_and_nothing_of_it_is_kept(server: LiveServer, spool: Path) -> None:
    with start_request(server, "POST", "/accounts/login/", ("Content-Length", str(HUGE))) as connection:
        answer = answer_on(connection)
        assert get_status_and_code(answer) == (413, "too_large")
        assert answer.header("connection") == "close"
        accepted = 0
        with suppress(OSError):
            while accepted < HUGE:
                accepted += connection.send(b"x" * 65_536)
                assert measure_spooled(server, spool) == 0
        assert accepted < LINGER_BYTES + ON_THE_WAY


@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "identity"])
def test_a_body_of_no_announced_length_is_refused_before_its_first_byte(server: LiveServer, encoding: str) -> None:
    for method in ("POST", "GET", "PATCH"):
        with start_request(server, method, PART, ("Transfer-Encoding", encoding)) as connection:
            assert get_status_and_code(answer_on(connection)) == (411, "length_required")


def test_a_chunked_body_that_goes_on_is_not_kept(server: LiveServer, spool: Path) -> None:
    with start_request(server, "POST", "/", ("Transfer-Encoding", "chunked")) as connection:
        accepted = 0
        with suppress(OSError):
            while accepted < HUGE:
                accepted += connection.send(b"10000\r\n" + b"x" * 65_536 + b"\r\n")
                assert measure_spooled(server, spool) == 0
        assert accepted < LINGER_BYTES + ON_THE_WAY


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Length", "5"), ("Transfer-Encoding", "chunked")],
        [("Content-Length", "5"), ("Content-Length", "6")],
        [("Content-Length", "-5")],
        [("Content-Length", "9" * 5_000)],
        [("Content-Length", "5 5")],
        [("Transfer-Encoding", "gzip, chunked")],
    ],
)
def test_a_length_that_is_none_is_refused(server: LiveServer, headers: list[tuple[str, str]]) -> None:
    with start_request(server, "POST", "/", *headers) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("method", "path", "limit"),
    [
        ("POST", "/api/runs/", BODY_BYTES),
        ("GET", "/api/runs/", BODY_BYTES),
        ("PATCH", "/api/runs/", BODY_BYTES),
        ("PATCH", PART, PART_BYTES),
        ("PATCH", PART.replace("uploads", "%75ploads"), PART_BYTES),
        ("POST", PART, BODY_BYTES),
        ("PATCH", PART + "more/", BODY_BYTES),
        ("PATCH", "/none?" + PART, BODY_BYTES),
    ],
)
def test_a_route_s_limit_holds_to_the_byte(
    people: People, server: LiveServer, method: str, path: str, limit: int
) -> None:
    authority = ("Authorization", f"Token {token_of(people.owner)}")
    with start_request(server, method, path, authority, ("Content-Length", str(limit + 1))) as connection:
        assert get_status_and_code(answer_on(connection)) == (413, "too_large")
    answer = exchange(server, method, path, [HOST, authority], b" " * limit)
    assert answer.status not in (411, 413)


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/runs/", PART])
def test_who_brings_no_credentials_may_send_less(server: LiveServer, path: str) -> None:
    method = "PATCH" if path == PART else "POST"
    with start_request(server, method, path, ("Content-Length", str(ANONYMOUS_BODY_BYTES + 1))) as connection:
        assert get_status_and_code(answer_on(connection)) == (413, "too_large")
    assert exchange(server, method, path, [HOST], b" " * ANONYMOUS_BODY_BYTES).status in (401, 403)


def test_who_asks_whether_to_send_is_not_told_to(server: LiveServer) -> None:
    asked = [("Expect", "100-continue"), ("Content-Length", str(HUGE))]
    with start_request(server, "POST", "/accounts/login/", *asked) as connection:
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")


def test_a_refusal_is_said_in_the_language_that_was_asked_for(server: LiveServer) -> None:
    wanted = [("Accept-Language", "de"), ("Content-Length", str(HUGE))]
    with start_request(server, "POST", "/", *wanted) as connection:
        assert json.loads(answer_on(connection).body)["message"]


@pytest.mark.parametrize(
    "lines",
    [
        b"GET / HTTP/1.1\r\n" + b"X-Filler: " + b"x" * HEADER_BYTES + b"\r\n",
        b"GET / HTTP/1.1\r\n" + b"X-Filler: x\r\n" * (HEADER_BYTES // 11 + 1),
        b"GET / HTTP/1.1\r\nX-Filler: x\r\n" + b" folded\r\n" * (HEADER_BYTES // 6),
        b"GET /" + b"x" * HEADER_BYTES + b" HTTP/1.1\r\n",
        b"x" * (2 * HEADER_BYTES),
    ],
    ids=["one header", "many headers", "a folded header", "a path", "no line at all"],
)
def test_headers_without_end_are_not_collected(server: LiveServer, lines: bytes) -> None:
    with open_connection(server) as connection:
        with suppress(OSError):
            connection.sendall(lines)
        with suppress(ConnectionResetError):
            assert connection.recv(1 << 16)[:13] in (b"HTTP/1.1 431 ", b"HTTP/1.1 400 ", b"")


def test_a_websocket_s_handshake_has_no_body_to_speak_of(server: LiveServer) -> None:
    upgrade = [("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Content-Length", str(HUGE))]
    with start_request(server, "GET", "/ws/", *upgrade) as connection:
        assert get_status_and_code(answer_on(connection)) == (413, "too_large")


def test_bodies_under_way_have_a_bound_together(people: People, server: LiveServer) -> None:
    authority = ("Authorization", f"Token {token_of(people.owner)}")
    length = ("Content-Length", str(PART_BYTES))
    fit = BODIES_PER_ADDRESS_BYTES // PART_BYTES
    under_way = [start_request(server, "PATCH", PART, authority, length) for _ in range(fit)]
    try:
        for each in under_way:
            each.sendall(b" " * 1000)
        assert exchange(server, "GET", "/healthz/live", [HOST]).status == 200
        with start_request(server, "PATCH", PART, authority, length) as one_more:
            answer = answer_on(one_more)
            assert get_status_and_code(answer) == (503, "busy")
            assert answer.header("retry-after")
    finally:
        for each in under_way:
            each.close()
    # Room again, once the server has noticed that they are gone: it reads in the order in which things happened.
    for _ in range(100):
        answer = exchange(server, "PATCH", PART, [HOST, authority], b" " * PART_BYTES)
        if answer.status != 503:
            break
    assert answer.status == 400  # it says where no part begins


def test_the_page_and_the_next_request_are_answered_as_ever(people: People, server: LiveServer) -> None:
    authority = ("Authorization", f"Token {token_of(people.owner)}")
    with open_connection(server) as connection:
        for _ in range(3):
            body = b'{"text": "hello"}'
            kind = ("Content-Type", "application/json")
            length = ("Content-Length", str(len(body)))
            connection.sendall(head("POST", "/api/runs/", [HOST, authority, kind, length]) + body)
            assert answer_on(connection).status == 201
