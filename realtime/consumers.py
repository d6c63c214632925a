"""ChatConsumer: one socket of one user. It authenticates, parses, answers and passes on; domain logic is elsewhere."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from rest_framework.exceptions import ValidationError

from agents import runs
from agents.api.begin import begin
from agents.api.serializers import RunSerializer
from netra.core.api.errors import handler
from netra.core.context import ConnectionContext
from netra.core.exceptions import IsolationViolation, NetraError, OperatorError, UserError
from netra.core.stream import Position, head
from realtime import frames
from realtime.doorbell import Doorbells
from realtime.follow import follow
from realtime.frames import BadFrame, Cancel, Ping, Resume, Start
from realtime.groups import user_group

log = logging.getLogger(__name__)

SIGNED_OUT = 4401
BROKEN = 1011
NOT_OURS = 4400  # too many frames that are none
PATIENCE = 50  # bad frames on one socket


class ChatConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """`scope["context"]` says whose connection it is; `scope["state"]` has the process's `doorbells` and `wake`."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.context: ConnectionContext | None = scope["context"]
        self.doorbells: Doorbells = scope["state"]["doorbells"]
        self.wake: Callable[[], None] = scope["state"]["wake"]
        self.sender: asyncio.Task[None] | None = None
        self.bad = 0
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Here and not in disconnect(): an exception in a handler ends a consumer without that.
            await self._stop_sending()
            if self.context is not None:
                await self.channel_layer.group_discard(user_group(self.context.user_id), self.channel_name)

    async def dispatch(self, message: dict[str, Any]) -> None:
        """The few kinds of message that there are; without the base class's hop to the database thread."""
        match message["type"]:
            case "websocket.connect":
                await self.websocket_connect(message)
            case "websocket.receive":
                await self.websocket_receive(message)
            case "websocket.disconnect":
                await self.websocket_disconnect(message)
            case "stream.bell":
                self.stream_bell()
            case other:
                log.error("a message of the type %r came to a consumer", other)

    async def connect(self) -> None:
        await self.accept()
        if self.context is None:
            await self.send(frames.refused("not_authenticated", "You are not signed in, or not any more."))
            await self.close(SIGNED_OUT)
            return
        await self.channel_layer.group_add(user_group(self.context.user_id), self.channel_name)
        self.position = await sync_to_async(head)(self.context.user_id)
        await self.send(frames.welcome(self.context.user_id, self.context.connection_id, self.position))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.context is None:
            return
        try:
            frame = frames.parse(text_data)
        except BadFrame as error:
            await self.send(frames.refused(error.code, str(error), error.id))
            self.bad += 1
            if self.bad >= PATIENCE:
                await self.close(NOT_OURS)
            return
        await self._answer(self.context, frame)

    def stream_bell(self) -> None:
        """Another process has written to this user's stream."""
        if self.context is not None:
            self.doorbells.ring([self.context.user_id])

    async def _answer(self, caller: ConnectionContext, frame: Resume | Start | Cancel | Ping) -> None:
        if isinstance(frame, Resume):
            await self._stop_sending()
            self.sender = asyncio.create_task(self._send_news(caller, frame.position or self.position))
        elif isinstance(frame, Ping):
            await self.send(frames.pong(frame.id))
        else:
            await self.send(await self._act(replace(caller, request_id=uuid4()), frame))

    async def _act(self, caller: ConnectionContext, frame: Start | Cancel) -> str:
        try:
            run = await sync_to_async(_acted)(caller, frame)
        except (UserError, OperatorError) as error:
            return frames.refused(error.code, str(error), frame.id)
        except ValidationError as error:
            answer = handler(error, {})
            return frames.refused("bad_input", answer.data["message"] if answer else str(error), frame.id)
        except NetraError:
            log.exception("a frame of type %s failed", frame.type)
            return frames.refused("defect", "This failed on our side; it was written down.", frame.id)
        self.wake()
        return frames.accepted(frame.id, run)

    async def _send_news(self, caller: ConnectionContext, position: Position) -> None:
        try:
            async for told in follow(caller.user_id, position, self.doorbells):
                _check_address(told.user_id, caller)
                await self.send(frames.news(told))
        except Exception:
            # A socket that stays open and says nothing would be worse: the client comes back and resumes.
            log.exception("sending to a socket failed")
            await self.close(BROKEN)

    async def _stop_sending(self) -> None:
        if self.sender is None:
            return
        self.sender.cancel()
        await asyncio.wait([self.sender])
        self.sender = None


def _check_address(user_id: UUID, caller: ConnectionContext) -> None:
    """The last look before something leaves."""
    if user_id != caller.user_id:
        raise IsolationViolation(f"news of {user_id} came to a socket of {caller.user_id}")


def _acted(caller: ConnectionContext, frame: Start | Cancel) -> dict[str, Any]:
    run = runs.cancel(caller, frame.run_id) if isinstance(frame, Cancel) else begin(caller, frame.question)[0]
    return dict(RunSerializer(run).data)
