"""Data that a client has not yet taken is known, waited for, and bounded."""

import asyncio
from typing import Any

import pytest
from twisted.internet.task import Clock

from netra.server.connections import ConnectionLimits, ServerConnectionRegistry, apply_backpressure
from netra.server.limits import STALL_BYTES, STALL_SECONDS, UNREAD_BYTES
from netra.server.write_buffers import WriteBuffer
from realtime.connections import ConnectionGone, WebSocketOutput
from realtime.metrics import Metrics


class Transport:
    """As twisted's, with a client that takes what the test says."""

    def __init__(self) -> None:
        self.dataBuffer = b""
        self.offset = 0
        self._tempDataLen = 0
        self.aborted = False

    def hold(self, size: int) -> None:
        self._tempDataLen = size

    def abortConnection(self) -> None:
        self.aborted = True


class Line:
    def __init__(self) -> None:
        self.clock, self.transport = Clock(), Transport()
        self.output = WriteBuffer(self.transport, self.clock.callLater)

    def fill(self, size: int) -> None:
        self.transport.hold(size)
        self.output.pauseProducing()


@pytest.fixture
def line() -> Line:
    return Line()


def test_it_counts_what_the_kernel_has_not_taken(line: Line) -> None:
    line.transport.dataBuffer, line.transport.offset = b"x" * 100, 40
    line.transport.hold(7)
    assert line.output.unsent_bytes == 67


async def test_who_writes_waits_until_all_was_taken(line: Line) -> None:
    await line.output.drain()
    line.fill(70_000)
    waiting = asyncio.create_task(line.output.drain())
    await asyncio.sleep(0)
    assert not waiting.done()
    line.output.resumeProducing()
    await waiting


@pytest.mark.parametrize("ending", ["end", "release", "finish", "stopProducing"])
async def test_nobody_waits_for_a_client_that_is_gone(line: Line, ending: str) -> None:
    line.fill(70_000)
    waiting = asyncio.create_task(line.output.drain())
    await asyncio.sleep(0)
    getattr(line.output, ending)()
    await waiting
    await line.output.drain()


async def test_a_wait_that_is_given_up_harms_no_other(line: Line) -> None:
    line.fill(70_000)
    given_up, waiting = (asyncio.create_task(line.output.drain()) for _ in range(2))
    await asyncio.sleep(0)
    given_up.cancel()
    line.output.resumeProducing()
    await waiting


def test_who_takes_next_to_nothing_is_cut_off(line: Line) -> None:
    line.fill(200_000)
    line.clock.advance(STALL_SECONDS - 1)
    assert not line.transport.aborted
    line.transport.hold(200_000 - STALL_BYTES + 1)
    line.clock.advance(1)
    assert line.transport.aborted


def test_who_reads_slowly_is_not(line: Line) -> None:
    line.fill(200_000)
    for rest in (200_000 - STALL_BYTES, 200_000 - 2 * STALL_BYTES):
        line.transport.hold(rest)
        line.clock.advance(STALL_SECONDS)
    line.transport.hold(0)
    line.output.resumeProducing()
    line.clock.advance(10 * STALL_SECONDS)
    assert not line.transport.aborted


def test_the_last_of_an_answer_has_to_be_read_too(line: Line) -> None:
    line.transport.hold(10)
    line.output.finish()
    line.clock.advance(STALL_SECONDS)
    assert line.transport.aborted


def test_more_than_one_may_leave_unread_ends_the_connection(line: Line) -> None:
    line.transport.hold(UNREAD_BYTES)
    assert not line.output.abort_if_unread()
    line.transport.hold(UNREAD_BYTES + 1)
    assert line.output.abort_if_unread()
    assert line.transport.aborted


async def test_a_socket_beyond_it_is_told_nothing_more(line: Line) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        line.transport.hold(len(sent) * 1024**2)

    out = WebSocketOutput(send, Metrics(), line.output)
    for _ in range(4):
        await out.send_text("x")
    with pytest.raises(ConnectionGone):
        await out.send_text("x")
    with pytest.raises(ConnectionGone):
        await out.send_text("x")
    assert len(sent) == 5


@pytest.mark.django_db(transaction=True)  # who waits gives a connection to the database back
async def test_an_answer_s_next_piece_waits_for_the_one_before(line: Line) -> None:
    connection = ServerConnectionRegistry(ConnectionLimits(total=1, per_address=1, per_user=1)).admit("a")
    assert connection is not None
    connection.output = line.output
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)
        line.fill(70_000)

    sending = apply_backpressure(send, connection)
    await sending({"piece": 1})
    second = asyncio.ensure_future(sending({"piece": 2}))
    for _ in range(50):
        await asyncio.sleep(0)
    assert [each["piece"] for each in sent] == [1]
    line.output.resumeProducing()
    await second
    assert [each["piece"] for each in sent] == [1, 2]
