"""Writes at the end of the event loop's turn, on a real socket, with a reactor that notes what it is asked for."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
from twisted.internet.protocol import Protocol
from twisted.internet.tcp import Connection

from netra.server.prompt_writes import write_promptly

MORE_THAN_A_KERNEL_TAKES = b"x" * 20_000_000


class ServedConnection:
    """A connection that writes promptly; `there` is its client's socket."""

    def __init__(self) -> None:
        self.reactor = Mock()
        here, self.there = socket.socketpair()
        here.setblocking(False)
        self.there.setblocking(False)
        protocol: Any = Protocol()
        self.connection: Any = Connection(here, protocol, self.reactor)
        self.connection.connected = 1
        write_promptly(self.connection)

    @property
    def selected(self) -> list[Any]:
        """What the selector was asked to watch, to write to it."""
        return [call.args[0] for call in self.reactor.addWriter.call_args_list]

    def read(self) -> bytes:
        try:
            return self.there.recv(1 << 20)
        except BlockingIOError:
            return b""


@pytest.fixture
def served() -> Iterator[ServedConnection]:
    served = ServedConnection()
    yield served
    served.connection.socket.close()
    served.there.close()


async def test_what_is_written_in_a_turn_is_sent_at_its_end_without_the_selector(served: ServedConnection) -> None:
    served.connection.write(b"one ")
    served.connection.write(b"two")
    assert served.read() == b""
    await asyncio.sleep(0)
    assert served.read() == b"one two"
    assert served.selected == []


async def test_what_the_kernel_does_not_take_is_left_to_the_selector(served: ServedConnection) -> None:
    served.connection.write(MORE_THAN_A_KERNEL_TAKES)
    await asyncio.sleep(0)
    assert served.selected == [served.connection]
    served.connection.write(b"the end")  # waits its turn behind what was written before
    await asyncio.sleep(0)
    received = b""
    while served.connection.dataBuffer:
        received += served.read()
        served.connection.doWrite()  # as the selector lets it
    while more := served.read():
        received += more
    assert received == MORE_THAN_A_KERNEL_TAKES + b"the end"


async def test_a_connection_that_is_to_end_is_ended_by_twisted(served: ServedConnection) -> None:
    served.connection.write(b"goodbye")
    served.connection.loseConnection()
    await asyncio.sleep(0)
    assert set(served.selected) == {served.connection}
    assert served.read() == b""


async def test_a_connection_that_broke_meanwhile_is_not_written_to(served: ServedConnection) -> None:
    served.connection.write(b"late")
    served.connection.connected = 0
    await asyncio.sleep(0)
    assert served.read() == b""
    assert served.selected == []


async def test_a_failed_write_is_left_to_twisted_which_ends_the_connection(served: ServedConnection) -> None:
    served.there.close()
    served.connection.write(b"to nobody")
    await asyncio.sleep(0)
    assert served.selected == [served.connection]


async def test_another_transport_stays_as_it_is() -> None:
    other = Protocol()
    write_promptly(other)
    assert not hasattr(other, "startWriting")
