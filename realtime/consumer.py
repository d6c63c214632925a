"""ChatConsumer serves one websocket of one user: it parses frames and answers them, or has them handled elsewhere.

It does not inherit from a channels consumer, which takes frames and group messages one after the other, with a hop to
the one database thread before each. Here frames are parsed at once and handled from a bounded inbox, and events arrive
by the process's own subscriptions, so a slow question holds up neither.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from core.context import ConnectionContext
from core.correlation import bind_ids
from core.exceptions import UserGone
from core.i18n.language import Language, match_language
from core.i18n.text import Text, text
from core.scope_services import read_services
from core.stream.read import get_head_position
from realtime import protocol
from realtime.auth import Credential
from realtime.connections import ConnectionGone, Send, SocketServices, TooManySockets, WebSocketOutput
from realtime.delivery import StreamSender
from realtime.limits import (
    BAD_FRAMES,
    INBOX_FRAMES,
    REQUESTS_AT_ONCE,
    REQUESTS_PER_SECOND,
    ExcessAction,
    FrameRateLimiter,
    TokenBucket,
)
from realtime.protocol import Ack, BadFrame, CloseCode, Ping, QueuedFrame, Resume
from realtime.run_requests import handle_run_request

log = logging.getLogger(__name__)


class ChatConsumer:
    """Serves one socket.

    Its scope has `services` (SocketServices), `context` and `credential` (None if nobody is signed in), and `locale`.
    A server that knows what the client has read puts the `transport_output` beside them, and one that counts frames as
    it parses them (netra.server.websockets) the `frame_limiter`; otherwise they are counted here.
    """

    __slots__ = (
        "_answer_tasks",
        "_bad_frames",
        "_frame_limiter",
        "_inbox",
        "_request_bucket",
        "_send_task",
        "_sender",
        "_services",
        "_start_position",
        "_work_task",
        "context",
        "credential",
        "language",
        "last_frame_at",
        "output",
    )

    def __init__(self, scope: Any, send: Send) -> None:
        self.context: ConnectionContext | None = scope["context"]
        self.credential: Credential = scope["credential"]
        self.language: Language = match_language(scope["locale"])
        self.last_frame_at = time.monotonic()
        self._services = read_services(scope, SocketServices)
        self.output = WebSocketOutput(send, self._services.metrics, scope.get("transport_output"))
        self._request_bucket = TokenBucket(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE)
        self._frame_limiter: FrameRateLimiter = scope.get("frame_limiter") or FrameRateLimiter()
        self._answer_tasks: set[asyncio.Task[None]] = set()
        self._inbox: list[QueuedFrame] = []
        self._work_task: asyncio.Task[None] | None = None
        self._send_task: asyncio.Task[None] | None = None
        self._bad_frames = 0

    @classmethod
    def as_asgi(cls) -> Callable[..., Any]:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            await cls(scope, send).serve(receive)

        return serve

    async def serve(self, receive: Callable[[], Any]) -> None:
        """Serve the socket from the handshake until it is gone."""
        await receive()  # websocket.connect
        with suppress(ConnectionGone):
            await self.output.accept()
            if self.context is None:
                await self._reject_anonymous()
                return
            try:
                self._services.connections.add(self)
            except TooManySockets:
                words = text("You have too many open connections. Close some and try again.")
                await self._reject("too_many_sockets", words, CloseCode.TOO_MANY_SOCKETS)
                return
            await self._serve_user(self.context, receive)

    async def _reject_anonymous(self) -> None:
        words = text("You're not signed in, or your session has ended.")
        await self._reject("not_authenticated", words, CloseCode.SIGNED_OUT)

    async def _reject(self, code: str, words: Text, close: CloseCode) -> None:
        self._services.metrics.count_refusal(code)
        await self.output.send_text(protocol.render_error(code, self.language.translate(words)))
        await self.output.close(close)

    async def _serve_user(self, caller: ConnectionContext, receive: Callable[[], Any]) -> None:
        self._services.notifier.add_listener(caller.user_id)
        self._services.metrics.connections.inc()
        self._sender = StreamSender(
            caller,
            self.output,
            self._services.subscriptions,
            self._services.metrics,
            database=self._services.database,
            on_sent=self._frame_limiter.refund,
        )
        self._frame_limiter.use_user_bucket(self._services.connections.get_frame_bucket(caller.user_id))
        try:
            self._start_position = await self._services.database.run(caller.user_id, get_head_position, caller.user_id)
            await self.output.send_text(
                protocol.render_welcome(caller.user_id, caller.connection_id, self._start_position)
            )
            self._frame_limiter.set_excess_handler(self._on_excess)  # only now: the welcome is always the first frame
            while (message := await receive())["type"] == "websocket.receive":
                await self._frame_limiter.admit()
                await self._receive_frame(caller, message.get("text"))
        except UserGone:
            await self._reject_anonymous()  # deleted during the handshake
        except asyncio.CancelledError:
            # Daphne cancels its applications before our code learns that the server stops.
            await self.output.close(CloseCode.GOING_AWAY)
            raise
        finally:
            # Here and not at a disconnect message: a consumer may end without one, and must leave nothing behind.
            self.output.is_closed = True
            self._services.connections.remove(self)
            self._services.metrics.connections.dec()
            self._services.notifier.remove_listener(caller.user_id)
            await _cancel_tasks(self._work_task, self._send_task, *self._answer_tasks)

    async def _receive_frame(self, caller: ConnectionContext, raw: str | None) -> None:
        """Answer a frame at once or put it into the inbox, without waiting: the server's own queue must stay short."""
        if self.output.is_closed:
            return
        self.last_frame_at = time.monotonic()
        self._services.metrics.frames_received.inc()
        try:
            frame = await protocol.read_frame(raw)
        except BadFrame as error:
            await self._refuse(error.code, error.message, error.id)
            return
        if isinstance(frame, Ack):
            self._sender.window.acknowledge(frame.position)
        elif not self._request_bucket.take():
            words = text("Too many frames in a short time. This one was ignored; send it again in a moment.")
            await self._refuse("rate_limited", words, frame.id if not isinstance(frame, Resume) else None)
        elif isinstance(frame, Ping):
            await self.output.send_text(protocol.render_pong(frame.id))
        elif len(self._inbox) >= INBOX_FRAMES:
            await self.output.close(CloseCode.FLOOD)
        else:
            self._inbox.append(frame)
            if self._work_task is None or self._work_task.done():
                # A task only while there is something to do: most sockets are idle most of the time.
                self._work_task = asyncio.create_task(self._process_inbox(caller))

    def _on_excess(self, excess: ExcessAction) -> None:
        # Called by the code that parses frames, which cannot wait.
        task = asyncio.create_task(self._answer_excess(excess))
        self._answer_tasks.add(task)
        task.add_done_callback(self._answer_tasks.discard)

    async def _answer_excess(self, excess: ExcessAction) -> None:
        if excess is ExcessAction.CLOSE:
            await self.output.close(CloseCode.FLOOD)
            return
        words = text("Too many frames in a short time. This connection is slowed down, and closed if it continues.")
        self._services.metrics.count_refusal("too_many_frames")
        with suppress(ConnectionGone):
            await self.output.send_text(protocol.render_error("too_many_frames", self.language.translate(words)))

    async def _refuse(self, code: str, words: Text, frame_id: str | None) -> None:
        self._services.metrics.count_refusal(code)
        await self.output.send_text(protocol.render_error(code, self.language.translate(words), frame_id))
        self._bad_frames += 1
        if self._bad_frames >= BAD_FRAMES:
            await self.output.close(CloseCode.INVALID_FRAMES)

    async def _process_inbox(self, caller: ConnectionContext) -> None:
        with bind_ids(connection_id=caller.connection_id):
            while self._inbox and not self.output.is_closed:
                await self._handle_frame(caller, self._inbox.pop(0))

    async def _handle_frame(self, caller: ConnectionContext, frame: QueuedFrame) -> None:
        try:
            if isinstance(frame, Resume):
                await _cancel_tasks(self._send_task)
                self._send_task = asyncio.create_task(self._sender.send_from(frame.position or self._start_position))
            else:
                answer = await handle_run_request(
                    caller,
                    frame,
                    wake=self._services.wake_workers,
                    publish=self._services.publish,
                    database=self._services.database,
                )
                await self.output.send_text(answer)
        except ConnectionGone:
            return
        except Exception:
            log.exception("a frame of type %s failed; the socket is closed", frame.type)
            await self.output.close(CloseCode.BROKEN)


async def _cancel_tasks(*tasks: asyncio.Task[None] | None) -> None:
    running = [task for task in tasks if task is not None]
    for task in running:
        task.cancel()
    if running:
        await asyncio.wait(running)
