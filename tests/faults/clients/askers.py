"""Requests as bytes over connections of our own, and what comes back: no client that would refuse to send them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.faults.clients.requests import Case
from tests.support.patience import PATIENCE

BODILESS = (204, 304)
LINE = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    status: int  # 0: none came
    request_id: str
    body: bytes


NONE = Answer(0, "", b"")


class Line:
    """One connection, kept as long as the server keeps it."""

    def __init__(self, origin: str) -> None:
        self._address = urlsplit(origin)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, case: Case) -> Answer:
        """The answer; on a new connection where the one at hand had been closed before a byte of it came."""
        kept = self._open is not None
        answer = await self._send_case(case)
        return await self._send_case(case) if answer is NONE and kept else answer

    async def close(self) -> None:
        if self._open is not None:
            self._open[1].close()
            self._open = None

    async def _send_case(self, case: Case) -> Answer:
        if self._open is None:
            host, port = self._address.hostname, self._address.port
            self._open = await asyncio.open_connection(host, port, limit=LINE)
        reader, writer = self._open
        try:
            writer.write(case.payload)
            await writer.drain()
            answer, stays = await asyncio.wait_for(_read(reader, case.method), PATIENCE)
        except (ConnectionError, asyncio.IncompleteReadError, TimeoutError):
            answer, stays = NONE, False
        if not stays:
            await self.close()
        return answer


async def _read(reader: asyncio.StreamReader, method: str) -> tuple[Answer, bool]:
    status, headers = await _head(reader)
    while status == 100:
        status, headers = await _head(reader)
    body = b"" if method == "HEAD" or status in BODILESS else await _body(reader, headers)
    stays = headers.get("connection", "").lower() != "close" and (
        "content-length" in headers or "transfer-encoding" in headers
    )
    return Answer(status, headers.get("x-request-id", ""), body), stays


async def _head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:] if line)}
    return int(lines[0].split()[1]), headers


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if "content-length" in headers:
        return await reader.readexactly(int(headers["content-length"]))
    if headers.get("transfer-encoding", "").lower() != "chunked":
        return await reader.read()  # as far as the server closes it
    whole = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        whole += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return whole


async def ask_all(origin: str, make: Callable[[int], Case], count: int, lines: int) -> list[tuple[int, Case, Answer]]:
    """Every case's answer, several connections at a time."""
    numbers, found = iter(range(count)), list[tuple[int, Case, Answer]]()

    async def take() -> None:
        line = Line(origin)
        for number in numbers:
            asked = make(number)
            found.append((number, asked, await line.ask(asked)))
        await line.close()

    await asyncio.gather(*(take() for _ in range(lines)))
    return found
