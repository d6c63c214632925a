"""ChatConsumer: one socket of one user. It parses, answers and passes on; domain logic is elsewhere.

Not a channels consumer by inheritance: that one takes frames and group messages one after the other, with a hop to the
one database thread before each. Here frames are taken at once and worked off from a bounded inbox, and news comes by
the process's own doorbells, so a slow question holds up neither.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from netra.core.context import ConnectionContext
from netra.core.correlation import bind
from netra.core.databasework import DatabaseWork, SharedThread
from netra.core.exceptions import UserGone
from netra.core.stream import head
from netra.language.language import Language
from netra.language.languages import language_of
from netra.language.text import Text, text
from realtime import frames
from realtime.acting import acted
from realtime.allowance import Allowance
from realtime.closing import Close
from realtime.credential import Credential
from realtime.doorbell import Doorbells
from realtime.frames import Ack, BadFrame, Cancel, Ping, Resume, Start
from realtime.inflow import Excess, Inflow
from realtime.limits import BAD_FRAMES, INBOX, REQUESTS_AT_ONCE, REQUESTS_PER_SECOND
from realtime.measures import Measures
from realtime.outgoing import Gone, Outgoing, Send
from realtime.ringer import Ringer
from realtime.sender import Sender
from realtime.sockets import Sockets, TooManySockets

log = logging.getLogger(__name__)


class ChatConsumer:
    """`scope` has `context` and `credential` (None for nobody), `locale`, and the process's parts in `state`.

    `inflow`, where the server counts frames as it parses them (netra.framegate); else they are counted here.
    """

    __slots__ = (
        "_allowance",
        "_answering",
        "_bad",
        "_database",
        "_doorbells",
        "_inbox",
        "_inflow",
        "_measures",
        "_ringer",
        "_sender",
        "_sending",
        "_sockets",
        "_start",
        "_wake",
        "_working",
        "context",
        "credential",
        "heard",
        "language",
        "out",
    )

    def __init__(self, scope: Any, send: Send) -> None:
        state = scope["state"]
        self.context: ConnectionContext | None = scope["context"]
        self.credential: Credential = scope["credential"]
        self.language: Language = language_of(scope["locale"])
        self.heard = time.monotonic()
        self._doorbells: Doorbells = state["doorbells"]
        self._database: DatabaseWork = state.get("database") or SharedThread()
        self._sockets: Sockets = state["sockets"]
        self._ringer: Ringer = state["ringer"]
        self._measures: Measures = state["measures"]
        connection = state.get("connection")
        self.out = Outgoing(send, self._measures, connection.output if connection is not None else None)
        self._wake: Callable[[], None] = state["wake"]
        self._allowance = Allowance(REQUESTS_PER_SECOND, REQUESTS_AT_ONCE)
        self._inflow: Inflow = scope.get("inflow") or Inflow()
        self._answering: set[asyncio.Task[None]] = set()
        self._inbox: list[Resume | Start | Cancel] = []
        self._working: asyncio.Task[None] | None = None
        self._sending: asyncio.Task[None] | None = None
        self._bad = 0

    @classmethod
    def as_asgi(cls) -> Callable[..., Any]:
        async def serve(scope: Any, receive: Any, send: Any) -> None:
            await cls(scope, send).serve(receive)

        return serve

    async def serve(self, receive: Callable[[], Any]) -> None:
        """From the handshake until the socket is gone."""
        await receive()  # websocket.connect
        with suppress(Gone):
            await self.out.accept()
            if self.context is None:
                await self._nobody()
                return
            try:
                self._sockets.add(self)
            except TooManySockets:
                words = text("You have too many open connections. Close some and try again.")
                await self._turn_away("too_many_sockets", words, Close.TOO_MANY)
                return
            await self._live(self.context, receive)

    async def _nobody(self) -> None:
        words = text("You are not signed in, or not any more.")
        await self._turn_away("not_authenticated", words, Close.SIGNED_OUT)

    async def _turn_away(self, code: str, words: Text, close: Close) -> None:
        self._measures.refused(code)
        await self.out.text(frames.refused(code, self.language.say(words)))
        await self.out.close(close)

    async def _live(self, caller: ConnectionContext, receive: Callable[[], Any]) -> None:
        self._ringer.join(caller.user_id)
        self._measures.connections.inc()
        self._sender = Sender(
            caller, self.out, self._doorbells, self._measures, database=self._database, on_sent=self._inflow.give_back
        )
        self._inflow.belongs_to(self._sockets.frames_of(caller.user_id))
        try:
            self._start = await self._database.run(caller.user_id, head, caller.user_id)
            await self.out.text(frames.welcome(caller.user_id, caller.connection_id, self._start))
            self._inflow.tell(self._exceed)  # only now: a welcome is always first
            while (message := await receive())["type"] == "websocket.receive":
                await self._inflow.admit()
                await self._hear(caller, message.get("text"))
        except UserGone:
            await self._nobody()  # erased on the way in
        except asyncio.CancelledError:
            # Daphne ends its applications before anything of ours learns that the server stops.
            await self.out.close(Close.GOING_AWAY)
            raise
        finally:
            # Here and not at a disconnect: whatever ends a consumer, nothing of it may stay behind.
            self.out.closed = True
            self._sockets.remove(self)
            self._measures.connections.dec()
            self._ringer.leave(caller.user_id)
            await _stopped(self._working, self._sending, *self._answering)

    async def _hear(self, caller: ConnectionContext, said: str | None) -> None:
        """Answered at once, or put into the inbox: never waited for, so that the server's own queue stays short."""
        if self.out.closed:
            return
        self.heard = time.monotonic()
        self._measures.frames_received.inc()
        try:
            frame = await frames.parsed(said)
        except BadFrame as error:
            await self._refuse(error.code, error.words, error.id)
            return
        if isinstance(frame, Ack):
            self._sender.window.acknowledged(frame.position)
        elif not self._allowance.take():
            words = text("Too many frames in a short time. This one was ignored; send it again in a moment.")
            await self._refuse("rate_limited", words, frame.id if not isinstance(frame, Resume) else None)
        elif isinstance(frame, Ping):
            await self.out.text(frames.pong(frame.id))
        elif len(self._inbox) >= INBOX:
            await self.out.close(Close.FLOOD)
        else:
            self._inbox.append(frame)
            if self._working is None or self._working.done():
                # Only while there is something to do: most sockets are idle most of the time.
                self._working = asyncio.create_task(self._work(caller))

    def _exceed(self, excess: Excess) -> None:
        # Called where frames are parsed, which cannot wait.
        task = asyncio.create_task(self._answer_excess(excess))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer_excess(self, excess: Excess) -> None:
        if excess is Excess.CLOSE:
            await self.out.close(Close.FLOOD)
            return
        words = text("Too many frames in a short time. This connection is slowed down, and closed if it continues.")
        self._measures.refused("too_many_frames")
        with suppress(Gone):
            await self.out.text(frames.refused("too_many_frames", self.language.say(words)))

    async def _refuse(self, code: str, words: Text, frame_id: str | None) -> None:
        self._measures.refused(code)
        await self.out.text(frames.refused(code, self.language.say(words), frame_id))
        self._bad += 1
        if self._bad >= BAD_FRAMES:
            await self.out.close(Close.NOT_OURS)

    async def _work(self, caller: ConnectionContext) -> None:
        with bind(connection_id=caller.connection_id):
            while self._inbox and not self.out.closed:
                await self._worked_off(caller, self._inbox.pop(0))

    async def _worked_off(self, caller: ConnectionContext, frame: Resume | Start | Cancel) -> None:
        try:
            if isinstance(frame, Resume):
                await _stopped(self._sending)
                self._sending = asyncio.create_task(self._sender.send_from(frame.position or self._start))
            else:
                await self.out.text(await acted(caller, frame, self._wake, self._database))
        except Gone:
            return
        except Exception:
            log.exception("a frame of type %s broke a socket", frame.type)
            await self.out.close(Close.BROKEN)


async def _stopped(*tasks: asyncio.Task[None] | None) -> None:
    mine = [task for task in tasks if task is not None]
    for task in mine:
        task.cancel()
    if mine:
        await asyncio.wait(mine)
