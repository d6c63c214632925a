"""An answer without a body leaves nothing on its connection that could be taken for the next one."""

import socket

import pytest

from agents.models import Thread
from tests.conftest import People
from tests.netra.server.exchange import answer_on, head, open_connection
from tests.support.live_server import LiveServer
from tests.support.stream_client import token_of

pytestmark = pytest.mark.django_db(transaction=True)

HOST = [("Host", "127.0.0.1")]
AS_JSON = [*HOST, ("Accept", "application/vnd.oai.openapi+json; indent=4")]
LONG = "/api/schema/"  # longer than the 64 KiB that Django passes on at once


def test_a_head_request_gets_no_body_however_long_it_would_be(server: LiveServer) -> None:
    with open_connection(server) as connection:
        connection.sendall(head("GET", LONG, AS_JSON))
        assert len(answer_on(connection).body) > 65_536
        connection.sendall(head("HEAD", LONG, AS_JSON))
        assert (first := answer_on(connection, "HEAD")).status == 200
        assert int(first.header("content-length")) > 65_536
        connection.sendall(head("GET", "/healthz/live", HOST))
        assert answer_on(connection).status == 200


def test_an_answer_that_nothing_has_changed_has_no_body(server: LiveServer) -> None:
    with open_connection(server) as connection:
        connection.sendall(head("GET", LONG, AS_JSON))
        etag = answer_on(connection).header("etag")
        connection.sendall(head("GET", LONG, [*AS_JSON, ("If-None-Match", etag)]))
        assert_bodiless(connection, 304)
        connection.sendall(head("HEAD", LONG, [*AS_JSON, ("If-None-Match", etag)]))
        assert_bodiless(connection, 304)
        connection.sendall(head("GET", "/healthz/live", HOST))
        assert answer_on(connection).status == 200


def test_an_answer_without_content_has_no_body(server: LiveServer, people: People) -> None:
    token = [*HOST, ("Authorization", f"Token {token_of(people.owner)}")]
    thread = Thread.objects.create(owner=people.owner, title="mine")
    with open_connection(server) as connection:
        connection.sendall(head("DELETE", f"/api/threads/{thread.id}/", [*token, ("Content-Length", "0")]))
        assert_bodiless(connection, 204)
        connection.sendall(head("GET", "/api/me/", token))
        assert answer_on(connection).status == 200


def assert_bodiless(connection: socket.socket, status: int) -> None:
    """The answer ends with its headers, which announce no body: nothing more may be on the connection."""
    received = b""
    while not received.endswith(b"\r\n\r\n"):
        received += (more := connection.recv(1 << 16))
        assert more
    lines = received.decode("latin-1").lower().split("\r\n")
    assert lines[0].split()[1] == str(status)
    assert not [line for line in lines if line.startswith("transfer-encoding:")]
    assert [line for line in lines if line.startswith("content-length:")] in ([], ["content-length: 0"])
