"""A server that is asked to end while pages are open and asking: it tells them, answers what is under way, and ends."""

import asyncio
import contextlib
import time
from pathlib import Path
from threading import Event, Thread
from urllib.error import URLError
from urllib.request import Request, urlopen

from tests.faults.clients.listener import ReceivedStream, listening
from tests.faults.installation import Installation, Person, list_complaints
from tests.support.live_server import LiveServer
from tests.support.patience import PATIENCE
from tests.support.websocket_connections import connect

ASKING = 4  # pages that ask one thing after the other
PAGES = 10


def keep_asking(server: LiveServer, person: Person, over: Event) -> None:
    request = Request(server.origin + "/api/snapshot/", headers={"Authorization": f"Token {person.token}"})
    while not over.is_set():
        with contextlib.suppress(URLError, OSError), urlopen(request, timeout=5) as answer:
            answer.read()


async def list_close_codes(server: LiveServer, person: Person) -> list[int | None]:
    """The codes that the open sockets are closed with, and one that comes while the server stops."""
    async with contextlib.AsyncExitStack() as stack:
        open_ones = [await stack.enter_async_context(listening(server, ReceivedStream(person))) for _ in range(PAGES)]
        for _ in range(3):
            await open_ones[0].start()
        server.stop()
        await asyncio.gather(*(page.socket.wait_closed() for page in open_ones))
        codes = [page.socket.close_code for page in open_ones]
    with contextlib.suppress(OSError, EOFError):  # it may be gone by now
        async with connect(server.websocket, additional_headers={"Authorization": f"Token {person.token}"}) as late:
            await late.wait_closed()
            codes.append(late.close_code)
    return codes


def test_a_server_stops_while_pages_are_open(either: Installation) -> None:
    person, over = either.people(1)[0], Event()
    with either.server("stopping") as server:
        asking = [Thread(target=keep_asking, args=(server, person, over)) for _ in range(ASKING)]
        for thread in asking:
            thread.start()
        try:
            codes = asyncio.run(list_close_codes(server, person))
            began = time.monotonic()
            while Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
                assert time.monotonic() - began < PATIENCE, "it does not end"
                time.sleep(0.05)
        finally:
            over.set()
            for thread in asking:
                thread.join()
        assert set(codes) == {1012}
        assert list_complaints(server) == []
