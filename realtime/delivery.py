"""A user's stream as it grows, and its delivery to one socket as fast as the client acknowledges it."""

import logging
from collections.abc import AsyncGenerator, Callable
from uuid import UUID

from core import incidents
from core.concurrency.database_threads import DatabaseExecutor, SharedThreadExecutor, run_in_shared_thread
from core.context import ConnectionContext
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

log = logging.getLogger(__name__)


async def follow_stream(
    user_id: UUID, position: Position, subscriptions: StreamSubscriptions, database: DatabaseExecutor | None = None
) -> AsyncGenerator[Batch | Resync, None]:
    """Yield every batch after a position, in order, without end. After a Resync the caller must fetch a snapshot.

    Commits of this process come with the notification; older events, and those of other processes, from the database.
    """
    database = database or SharedThreadExecutor()
    with subscriptions.subscribe(user_id) as subscription:
        must_read = True
        while True:
            batch: Batch | Resync | None
            if must_read:
                batch = await database.run(user_id, read_after, user_id, position, limit=READ_EVENTS, size=SENT_BYTES)
                must_read = isinstance(batch, Resync) or bool(batch.payloads)
            else:
                batch = subscription.next_batch(position)
            if batch is None or (isinstance(batch, Batch) and batch.after == batch.upto):
                subscription.position = position
                must_read = subscription.take_gap()
                if not must_read:
                    await subscription.wait()
                continue
            yield batch
            position = batch.position


class StreamSender:
    """Sends a user's stream to one socket. The consumer passes the client's acknowledgements to `window`.

    `on_sent` is called for each frame that the client has to acknowledge.
    """

    __slots__ = ("_context", "_database", "_metrics", "_on_sent", "_output", "_subscriptions", "window")

    def __init__(
        self,
        caller: ConnectionContext,
        output: WebSocketOutput,
        subscriptions: StreamSubscriptions,
        metrics: Metrics,
        *,
        database: DatabaseExecutor | None = None,
        on_sent: Callable[[], None] = lambda: None,
    ) -> None:
        self._context = caller
        self._output = output
        self._subscriptions = subscriptions
        self._metrics = metrics
        self._database = database
        self._on_sent = on_sent
        self.window = SendWindow()

    async def send_from(self, position: Position) -> None:
        """Send every event after a position, for as long as the socket is open."""
        self.window.reset()
        try:
            async for batch in follow_stream(self._context.user_id, position, self._subscriptions, self._database):
                if batch.user_id != self._context.user_id:
                    await self._report_foreign_batch(batch.user_id)
                    await self._output.close(CloseCode.BROKEN)
                    return
                await self._send(batch)
        except ConnectionGone:
            return
        except UserGone:
            await self._output.close(CloseCode.AUTHORITY_CHANGED)  # without waiting for the next check of credentials
        except Exception:
            # Better than a socket that stays open and silent: the client reconnects and resumes.
            log.exception("sending to a socket failed")
            await self._output.close(CloseCode.BROKEN)

    async def _send(self, batch: Batch | Resync) -> None:
        if isinstance(batch, Resync):
            self._metrics.resyncs.inc()
        if self.window.is_full:
            self._metrics.window_stalls.inc()
            await self.window.wait_for_room()
        # A client may acknowledge what it has not read yet, so the window alone does not bound this process's memory.
        await self._output.drain()
        frame = protocol.render_events(batch)
        await self._output.send_text(frame)
        if isinstance(batch, Batch):
            self.window.record_sent(batch.position, len(batch.payloads), utf8_length(frame))
            self._on_sent()
            self._metrics.delivery.record_sent(len(batch.payloads), batch.since)

    async def _report_foreign_batch(self, user_id: UUID) -> None:
        """Record an incident: the last check before sending found another user's batch. The batch is dropped."""
        self._metrics.incidents.inc()
        await run_in_shared_thread(
            incidents.record_incident,
            "foreign_batch",
            where="realtime.delivery",
            expected=self._context.user_id,
            found=user_id,
            connection_id=self._context.connection_id,
        )
