"""A user's stream as it grows, and its delivery to one socket as fast as the client acknowledges it."""

import logging
from collections.abc import AsyncGenerator, Callable
from uuid import UUID

from asgiref.sync import sync_to_async

from core import incidents
from core.context import ConnectionContext
from core.database_threads import DatabaseExecutor, SharedThreadExecutor
from core.exceptions import UserGone
from core.stream.batches import Batch, Position, Resync, utf8_length
from core.stream.read import read_after
from realtime import protocol
from realtime.connections import ConnectionGone, WebSocketOutput
from realtime.flow_control import SendWindow
from realtime.limits import READ_EVENTS, SENT_BYTES
from realtime.metrics import Metrics
from realtime.protocol import CloseCode
from realtime.subscriptions import StreamSubscriptions


async def follow_stream(
    user_id: UUID, position: Position, doorbells: StreamSubscriptions, database: DatabaseExecutor | None = None
) -> AsyncGenerator[Batch | Resync, None]:
    """Every batch after a position, in order, for ever. A Resync tells that the caller must fetch a snapshot.

    What this process commits comes with the ring; what was there before, or came from elsewhere, from the database.
    """
    database = database or SharedThreadExecutor()
    with doorbells.subscribe(user_id) as bell:
        reading = True
        while True:
            news: Batch | Resync | None
            if reading:
                news = await database.run(user_id, read_after, user_id, position, limit=READ_EVENTS, size=SENT_BYTES)
                reading = isinstance(news, Resync) or bool(news.payloads)
            else:
                news = bell.next_batch(position)
            if news is None or (isinstance(news, Batch) and news.after == news.upto):
                bell.position = position
                reading = bell.take_gap()
                if not reading:
                    await bell.wait()
                continue
            yield news
            position = news.position


log = logging.getLogger(__name__)


class StreamSender:
    """One socket's. `window` is told of acknowledgements by whoever hears the client.

    `on_sent` is called for each frame that the client is to acknowledge.
    """

    __slots__ = ("_context", "_database", "_metrics", "_on_sent", "_output", "_subscriptions", "window")

    def __init__(
        self,
        caller: ConnectionContext,
        out: WebSocketOutput,
        doorbells: StreamSubscriptions,
        measures: Metrics,
        *,
        database: DatabaseExecutor | None = None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._context = caller
        self._output = out
        self._subscriptions = doorbells
        self._metrics = measures
        self._database = database
        self._on_sent = on_sent
        self.window = SendWindow()

    async def send_from(self, position: Position) -> None:
        """For as long as the socket is open."""
        self.window.reset()
        try:
            async for told in follow_stream(self._context.user_id, position, self._subscriptions, self._database):
                if told.user_id != self._context.user_id:
                    await self._report_foreign_batch(told.user_id)
                    await self._output.close(CloseCode.BROKEN)
                    return
                await self._send(told)
        except ConnectionGone:
            return
        except UserGone:
            await self._output.close(CloseCode.AUTHORITY_CHANGED)  # before the next look at authority
        except Exception:
            # A socket that stays open and says nothing would be worse: the client comes back and resumes.
            log.exception("sending to a socket failed")
            await self._output.close(CloseCode.BROKEN)

    async def _send(self, told: Batch | Resync) -> None:
        if isinstance(told, Resync):
            self._metrics.resyncs.inc()
        if self.window.is_full:
            self._metrics.window_stalls.inc()
            await self.window.wait_for_room()
        # An acknowledgement says nothing of what still waits in this process for the client to read.
        await self._output.drain()
        frame = protocol.render_events(told)
        await self._output.send_text(frame)
        if isinstance(told, Batch):
            self.window.record_sent(told.position, len(told.payloads), utf8_length(frame))
            self._on_sent()
            self._metrics.delivery.record_sent(len(told.payloads), told.since)

    async def _report_foreign_batch(self, found: UUID) -> None:
        """The last door: this is not our user's. It is dropped, and whoever runs this learns of it."""
        self._metrics.incidents.inc()
        await sync_to_async(incidents.record_incident)(
            "foreign_batch",
            where="realtime.delivery",
            expected=self._context.user_id,
            found=found,
            connection_id=self._context.connection_id,
        )
