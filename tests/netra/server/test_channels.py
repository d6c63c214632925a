"""The time that a client may take, by a clock of the test's."""

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web.http import Request

from netra.config import Environment
from netra.server.channels import LimitedHTTPChannel
from netra.server.connections import ConnectionLimits, ServerConnectionRegistry
from netra.server.limits import (
    BODY_BYTES_PER_SECOND,
    BODY_SECONDS,
    HEADER_SECONDS,
    LINGER_BYTES,
    LINGER_SECONDS,
    BodyBudget,
    decode_path,
    get_body_limit,
)
from netra.server.scopes import build_trusted_proxies

_Transport: Any = StringTransport  # twisted gives its methods no types


class Transport(_Transport):  # type: ignore[misc]
    half_closed = False

    def loseWriteConnection(self) -> None:
        self.half_closed = True

    @property
    def over(self) -> bool:
        return bool(self.disconnecting or self.disconnected)


class Factory:
    def __init__(self, budget: BodyBudget) -> None:
        environment = Environment(_env_file=None)
        self.proxies = build_trusted_proxies(environment)
        self.session_cookie = environment.session_cookie.encode()
        self.budget = budget
        self.registry = ServerConnectionRegistry(ConnectionLimits(total=9, per_address=9, per_user=9))

    def log(self, request: object) -> None:
        return


class HeldRequest(Request):
    """Answers once the test lets it."""

    channel: Any

    def process(self) -> None:
        self.channel.asked = self


class Line:
    """A channel between a test's clock and a transport of its own."""

    def __init__(self, budget: BodyBudget | None = None) -> None:
        self.clock = Clock()
        self.budget = budget or BodyBudget()
        self.transport: Any = Transport()
        self.channel: Any = LimitedHTTPChannel()
        self.channel.callLater = self.clock.callLater
        self.channel.timeOut = 60
        self.channel.requestFactory = HeldRequest
        self.channel.factory = Factory(self.budget)
        self.channel.connection = self.channel.factory.registry.admit("a")
        self.channel.makeConnection(self.transport)

    def end(self) -> None:
        self.channel.connectionLost(None)

    def say(self, data: bytes) -> bytes:
        self.channel.dataReceived(data)
        return bytes(self.transport.value())

    def trickle(self, data: bytes, seconds: float) -> None:
        """A byte a second, for so long: never idle."""
        for _ in range(int(seconds)):
            self.channel.dataReceived(data)
            self.clock.advance(1)


@pytest.fixture
def line() -> Iterator[Line]:
    made = Line()
    yield made
    made.end()


HEAD = b"POST /api/runs/ HTTP/1.1\r\nHost: x\r\nAuthorization: Token x\r\n"


def test_who_asks_nothing_is_not_waited_for(line: Line) -> None:
    line.clock.advance(HEADER_SECONDS)
    assert line.transport.over
    assert line.transport.value() == b""


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\nX-Filler: "])
@pytest.mark.parametrize("end", [b"", b" HTTP/1.1\r\n\r\n"])
def test_a_line_that_is_too_long_is_answered_once_and_not_kept(line: Line, begin: bytes, end: bytes) -> None:
    answer = line.say(begin + b"a" * 2 * LimitedHTTPChannel.MAX_LENGTH + end)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert line.transport.half_closed
    assert line.say(b"b" * 2 * LimitedHTTPChannel.MAX_LENGTH) == answer
    line.clock.advance(LINGER_SECONDS)
    assert line.transport.over


def test_headers_that_trickle_in_have_their_time(line: Line) -> None:
    line.say(b"GET / HTTP/1.1\r\n")
    line.trickle(b"X-Filler: x\r\n", HEADER_SECONDS)
    assert line.transport.value().startswith(b"HTTP/1.1 408 ")
    line.clock.advance(LINGER_SECONDS)
    assert line.transport.over


def test_a_body_that_trickles_in_has_its_time(line: Line) -> None:
    line.say(HEAD + b"Content-Length: 1000\r\n\r\n")
    line.trickle(b"x", BODY_SECONDS)
    assert not line.transport.over
    line.trickle(b"x", 1000 / BODY_BYTES_PER_SECOND + 1)
    assert line.transport.value().startswith(b"HTTP/1.1 408 ")
    assert line.budget.reserved_bytes == 1000


@pytest.mark.parametrize("upgrade", [b"websocket", b"WebSocket"])
def test_a_handshake_brings_no_body_for_which_room_would_stay_taken(line: Line, upgrade: bytes) -> None:
    answer = line.say(HEAD + b"Upgrade: " + upgrade + b"\r\nContent-Length: 5\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert line.budget.reserved_bytes == 0


def test_a_body_beside_a_wish_for_another_protocol_is_taken(line: Line) -> None:
    assert line.say(HEAD + b"Upgrade: h2c\r\nContent-Length: 5\r\n\r\n") == b""
    assert line.budget.reserved_bytes == 5


def test_a_connection_that_is_lost_gives_its_room_back() -> None:
    line = Line()
    line.say(HEAD + b"Content-Length: 1000\r\n\r\nx")
    assert line.budget.reserved_bytes == 1000
    line.end()
    assert line.budget.reserved_bytes == 0


def test_a_long_body_has_more_time(line: Line) -> None:
    line.say(HEAD + b"Content-Length: %d\r\n\r\n" % (60 * BODY_BYTES_PER_SECOND))
    line.trickle(b"x", BODY_SECONDS + 59)
    assert not line.transport.over
    assert line.transport.value() == b""


def test_the_next_request_has_its_own_time(line: Line) -> None:
    line.say(HEAD + b"Content-Length: 2\r\n\r\nxx")
    line.clock.advance(10 * HEADER_SECONDS)  # the application takes what it takes
    assert not line.transport.over
    line.channel.asked.finish()
    assert line.budget.reserved_bytes == 0
    line.clock.advance(HEADER_SECONDS + 1)  # idle between two requests: twisted's own minute
    assert not line.transport.over
    line.transport.clear()
    line.say(b"GET / HTTP/1.1\r\n")
    line.trickle(b"X-Filler: x\r\n", HEADER_SECONDS)
    assert line.transport.value().startswith(b"HTTP/1.1 408 ")


def test_who_was_refused_and_goes_on_is_cut_off_by_bytes_or_time(line: Line) -> None:
    assert line.say(HEAD + b"Content-Length: 99999999999\r\n\r\n").startswith(b"HTTP/1.1 413 ")
    assert line.transport.half_closed
    line.say(b"x" * LINGER_BYTES)
    assert not line.transport.over
    line.say(b"x")
    assert line.transport.over


def test_who_was_refused_has_a_little_time_to_finish(line: Line) -> None:
    line.say(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    line.trickle(b"x", LINGER_SECONDS)
    assert line.transport.over
    assert line.channel.requests[0].content is None


def test_what_follows_a_refusal_is_no_request(line: Line) -> None:
    answer = line.say(HEAD + b"Content-Length: 99999999999\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.count(b"HTTP/1.1") == 1
    assert not hasattr(line.channel, "asked")


def test_room_is_for_one_address_and_for_all() -> None:
    budget = BodyBudget(total=100, per_address=60)
    assert budget.reserve("a", 60)
    assert not budget.reserve("a", 1)
    assert not budget.reserve("b", 41)
    assert budget.reserve("b", 40)
    assert not budget.reserve("c", 1)
    budget.release("a", 60)
    assert budget.reserve("c", 60)
    assert budget.reserved_bytes == 100


@pytest.mark.parametrize("target", [b"/a%2Fb?x=/c", b"/a%2fb", b"/a/b?"])
def test_a_path_is_decoded_as_the_application_sees_it(target: bytes) -> None:
    assert decode_path(target) == "/a/b"
    assert get_body_limit("PATCH", decode_path(b"/api/uploads/x/"), has_credentials=False) < get_body_limit(
        "PATCH", decode_path(b"/api/uploads/x/"), has_credentials=True
    )
