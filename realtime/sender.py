"""What a socket is told: its user's stream from a position on, as fast as the client acknowledges it."""

import logging
from collections.abc import Callable
from uuid import UUID

from asgiref.sync import sync_to_async

from netra.core import incidents
from netra.core.context import ConnectionContext
from netra.core.databasework import DatabaseWork
from netra.core.exceptions import UserGone
from netra.core.stream import Batch, Position, Resync, octets
from realtime import frames
from realtime.closing import Close
from realtime.doorbell import Doorbells
from realtime.follow import follow
from realtime.measures import Measures
from realtime.outgoing import Gone, Outgoing
from realtime.window import Window

log = logging.getLogger(__name__)


class Sender:
    """One socket's. `window` is told of acknowledgements by whoever hears the client.

    `on_sent` is called for each frame that the client is to acknowledge.
    """

    __slots__ = ("_caller", "_database", "_doorbells", "_measures", "_on_sent", "_out", "window")

    def __init__(
        self,
        caller: ConnectionContext,
        out: Outgoing,
        doorbells: Doorbells,
        measures: Measures,
        *,
        database: DatabaseWork | None = None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._caller = caller
        self._out = out
        self._doorbells = doorbells
        self._measures = measures
        self._database = database
        self._on_sent = on_sent
        self.window = Window()

    async def send_from(self, position: Position) -> None:
        """For as long as the socket is open."""
        self.window.emptied()
        try:
            async for told in follow(self._caller.user_id, position, self._doorbells, self._database):
                if told.user_id != self._caller.user_id:
                    await self._astray(told.user_id)
                    await self._out.close(Close.BROKEN)
                    return
                await self._send(told)
        except Gone:
            return
        except UserGone:
            await self._out.close(Close.AUTHORITY_CHANGED)  # before the next look at authority
        except Exception:
            # A socket that stays open and says nothing would be worse: the client comes back and resumes.
            log.exception("sending to a socket failed")
            await self._out.close(Close.BROKEN)

    async def _send(self, told: Batch | Resync) -> None:
        if isinstance(told, Resync):
            self._measures.resyncs.inc()
        if self.window.full:
            self._measures.window_stalls.inc()
            await self.window.room()
        # An acknowledgement says nothing of what still waits in this process for the client to read.
        await self._out.drained()
        frame = frames.news(told)
        await self._out.text(frame)
        if isinstance(told, Batch):
            self.window.sent(told.position, len(told.payloads), octets(frame))
            self._on_sent()
            self._measures.delivery.sent(len(told.payloads), told.since)

    async def _astray(self, found: UUID) -> None:
        """The last door: this is not our user's. It is dropped, and whoever runs this learns of it."""
        self._measures.incidents.inc()
        await sync_to_async(incidents.record)(
            "foreign_batch",
            where="realtime.sender",
            expected=self._caller.user_id,
            found=found,
            connection_id=self._caller.connection_id,
        )
