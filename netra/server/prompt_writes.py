"""Writes to a websocket at the end of the event loop's turn, without asking first whether it can take them.

Twisted registers each write with the selector, writes when that says so, and takes the registration back, which costs
several times what the write costs. Nearly always the kernel has room; if not, Twisted goes on as it does by itself."""

import asyncio
from typing import Any

from twisted.internet.tcp import Connection


def write_promptly(transport: Any) -> None:
    """Let a connection write what it was given at the end of the same turn of the loop. One of another kind than a TCP
    connection, such as one with TLS, stays as it is."""
    if isinstance(transport, Connection):
        transport.startWriting = PromptWriter(transport).start  # type: ignore[method-assign]


class PromptWriter:
    """Replaces the `startWriting` of one connection."""

    __slots__ = ("_is_scheduled", "_transport")

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._is_scheduled = False

    def start(self) -> None:
        if self._must_wait:
            self._wait()
        elif not self._is_scheduled:
            self._is_scheduled = True
            asyncio.get_running_loop().call_soon(self._write)

    @property
    def _must_wait(self) -> bool:
        """Whether the kernel has not taken all of an earlier write, or the connection is to end after this one."""
        return bool(self._transport.dataBuffer) or self._transport.disconnecting

    def _write(self) -> None:
        self._is_scheduled = False
        if not self._transport.connected:
            return
        if self._must_wait:
            self._wait()
            return
        failure = self._transport.doWrite()
        if failure is not None or self._transport.dataBuffer:
            self._wait()  # for room, or for Twisted to meet the same failure, and to end the connection

    def _wait(self) -> None:
        """Write when the selector says so, which Twisted does."""
        self._transport.reactor.addWriter(self._transport)
