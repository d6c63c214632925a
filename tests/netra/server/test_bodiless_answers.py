"""An answer without a body leaves nothing on its connection that could be taken for the next one."""

import pytest

from tests.netra.server.exchange import answer_on, head, open_connection
from tests.support.live_server import LiveServer

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
