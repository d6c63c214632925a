"""A client that sends whatever bytes it likes over a websocket, and reads what comes back."""

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE

TEXT, BINARY, CONTINUATION, PING, PONG, CLOSE = 1, 2, 0, 9, 10, 8


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    """As a client sends it, under a mask of zeros."""
    size = len(payload)
    length = bytes([0x80 | size]) if size < 126 else bytes([0xFE]) + struct.pack("!H", size)
    return bytes([(0x80 if fin else 0) | opcode]) + length + b"\0\0\0\0" + payload


class RawSocket:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def receive_frame(self) -> tuple[int, bytes]:
        """The next frame from the server: its opcode and payload."""
        first, second = await asyncio.wait_for(self._reader.readexactly(2), PATIENCE)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return first & 0x0F, await self._reader.readexactly(size)

    async def storm(self, frames: bytes, times: int = 1_000) -> tuple[int | None, list[tuple[int, bytes]]]:
        """Send these again and again, reading meanwhile, until the server closes: its code, and what came before.

        None for the code where the server had read enough: its system resets the connection, and the close is lost.
        """
        sending = asyncio.create_task(self._send(frames, times))
        before: list[tuple[int, bytes]] = []
        try:
            while True:
                opcode, payload = await self.receive_frame()
                if opcode == CLOSE:
                    return struct.unpack("!H", payload[:2])[0], before
                before.append((opcode, payload))
        except ConnectionResetError:
            return None, before
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, frames: bytes, times: int) -> None:
        for _ in range(times):
            self.writer.write(frames)
            await self.writer.drain()


@asynccontextmanager
async def raw_socket(server: LiveServer, token: str) -> AsyncIterator[RawSocket]:
    address = urlsplit(server.origin)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        key = base64.b64encode(os.urandom(16)).decode()
        head = (
            "GET /ws/ HTTP/1.1",
            f"Host: {address.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            f"Authorization: Token {token}",
        )
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        assert b" 101 " in answer.split(b"\r\n")[0]
        yield RawSocket(reader, writer)
    finally:
        writer.transport.abort()
