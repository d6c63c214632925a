"""The open sockets of this process: how many a user may have, whose must be closed, who is told that we are here."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from typing import Protocol
from uuid import UUID

from asgiref.sync import sync_to_async

from realtime import frames
from realtime.allowance import Allowance, Allowances
from realtime.closing import Close
from realtime.credential import Credential, withdrawn
from realtime.limits import HEARTBEAT, SILENCE, SOCKETS, USER_FRAMES_AT_ONCE, USER_FRAMES_PER_SECOND
from realtime.outgoing import Gone, Outgoing

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds between looks at authority
TEND = 1.0  # seconds between looks at who is silent


class TooManySockets(Exception):
    """This user has as many as one may have."""


class OpenSocket(Protocol):
    """What the register knows of a socket."""

    credential: Credential
    out: Outgoing
    heard: float  # time.monotonic() of the last frame


class Sockets:
    """One per process, made by wiring and handed down; used on its event loop only."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._open: dict[UUID, set[OpenSocket]] = {}
        self._clock = clock
        # Beyond a socket's end, or coming back would begin it anew.
        self._frames = Allowances(USER_FRAMES_PER_SECOND, USER_FRAMES_AT_ONCE, clock)

    def frames_of(self, user_id: UUID) -> Allowance:
        """How many frames all sockets of this user may send."""
        return self._frames.of(user_id)

    def add(self, socket: OpenSocket) -> None:
        """Until it is removed. Raises TooManySockets."""
        mine = self._open.setdefault(socket.credential.user_id, set())
        if len(mine) >= SOCKETS:
            raise TooManySockets
        mine.add(socket)

    def remove(self, socket: OpenSocket) -> None:
        mine = self._open[socket.credential.user_id]
        mine.discard(socket)
        if not mine:
            del self._open[socket.credential.user_id]

    def __len__(self) -> int:
        return sum(len(each) for each in self._open.values())

    def all(self) -> list[OpenSocket]:
        return [socket for mine in self._open.values() for socket in mine]

    async def look(self) -> None:
        """Close whoever's authority is gone."""
        credentials = {socket.credential for socket in self.all()}
        if credentials:
            gone = await sync_to_async(withdrawn)(credentials)
            await self._close((socket for socket in self.all() if socket.credential in gone), Close.AUTHORITY_CHANGED)

    async def tend(self) -> None:
        """Close whoever is silent for too long; say something to whom we have not for a while."""
        now = self._clock()
        await self._close((each for each in self.all() if now - each.heard > SILENCE), Close.SILENT)
        for socket in self.all():
            if now - socket.out.last > HEARTBEAT and not socket.out.closed:
                await _greet(socket.out)

    async def close_all(self) -> None:
        """The server stops."""
        await self._close(self.all(), Close.GOING_AWAY)

    async def _close(self, sockets: Iterable[OpenSocket], code: Close) -> None:
        for socket in sockets:
            await socket.out.close(code)


async def _greet(out: Outgoing) -> None:
    try:
        await out.text(frames.heartbeat())
    except Gone:
        return  # its consumer is about to learn so


async def watch_over(sockets: Sockets) -> None:
    """Look and tend, for ever."""
    tended = 0.0
    while True:
        await asyncio.sleep(LOOK)
        try:
            await sockets.look()
            if time.monotonic() - tended >= TEND:
                tended = time.monotonic()
                await sockets.tend()
        except Exception:
            # A database that is away for a moment must not end the watch: the next look tries again.
            log.exception("the open sockets could not be looked at")
