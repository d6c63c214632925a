"""The frames that client and server exchange, one JSON object per text frame, and the codes with which the server closes.

docs/protocol.md describes them.
"""

import asyncio
import json
from enum import IntEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.exceptions import BadInput, TooLarge
from core.i18n.text import Text, text, verbatim_text
from core.json_data import parse_json, require_storable
from core.stream.batches import Batch, Position, Resync
from realtime import limits
from realtime.limits import FRAME_BYTES


class CloseCode(IntEnum):
    GOING_AWAY = 1012  # the server stops
    BROKEN = 1011  # sending failed on our side
    INVALID_FRAMES = 4400  # too many frames that are none
    SIGNED_OUT = 4401
    AUTHORITY_CHANGED = 4403
    SILENT = 4408
    FLOOD = 4413  # more frames than a socket may send, or more waiting than we keep
    TOO_MANY_SOCKETS = 4429  # sockets of this user


PROTOCOL = 1
WELCOME_LIMITS = {
    "window_events": limits.WINDOW_EVENTS,
    "window_bytes": limits.WINDOW_BYTES,
    "ack_events": limits.ACK_EVENTS,
    "heartbeat_seconds": limits.HEARTBEAT,
    "silence_seconds": limits.SILENCE,
}
MAX_ID_CHARS = 100
MAX_INLINE_CHARS = (
    4096  # characters of a frame that is read at once; most are, and a thread costs more than the reading
)


class BadFrame(Exception):
    """A frame that cannot be taken: `code` and `id` go into the answer, the words are for the client's author."""

    def __init__(self, code: str, words: Text, id: str | None = None) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.id = id


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Resume(_Frame):
    """Send what follows a position; without one, what comes from now on."""

    type: Literal["resume"]
    epoch: UUID | None = None
    seq: int | None = Field(default=None, ge=0, le=2**62)

    @property
    def position(self) -> Position | None:
        return Position(epoch=self.epoch, seq=self.seq) if self.epoch is not None and self.seq is not None else None


class Start(_Frame):
    """A question; its fields are read as REST reads them."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: Literal["start"]
    id: str = Field(max_length=MAX_ID_CHARS)
    client_id: UUID

    @property
    def question(self) -> dict[str, Any]:
        return {**(self.model_extra or {}), "client_id": str(self.client_id)}


class Cancel(_Frame):
    type: Literal["cancel"]
    id: str = Field(max_length=MAX_ID_CHARS)
    run_id: UUID


class Ack(_Frame):
    """Everything up to this position has arrived."""

    type: Literal["ack"]
    epoch: UUID
    seq: int = Field(ge=0, le=2**62)

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, seq=self.seq)


class Ping(_Frame):
    type: Literal["ping"]
    id: str = Field(default="", max_length=MAX_ID_CHARS)


ClientFrame = Annotated[Resume | Start | Cancel | Ack | Ping, Field(discriminator="type")]
_CLIENT_FRAME: TypeAdapter[Resume | Start | Cancel | Ack | Ping] = TypeAdapter(ClientFrame)
CLIENT_FRAME_TYPES = ("resume", "start", "cancel", "ack", "ping")


async def read_frame(said: str | None) -> Resume | Start | Cancel | Ack | Ping:
    """The frame, read on a thread where it is long: nobody else waits for it. Raises BadFrame."""
    if said is None or not MAX_INLINE_CHARS < len(said) <= FRAME_BYTES:
        return parse_frame(said)
    return await asyncio.to_thread(parse_frame, said)


def parse_frame(said: str | None) -> Resume | Start | Cancel | Ack | Ping:
    """Raises BadFrame."""
    if said is None:
        raise BadFrame("bad_frame", text("Frames are text: one JSON object each."))
    try:
        data = parse_json(said, max_bytes=FRAME_BYTES)
    except TooLarge as error:
        raise BadFrame("too_large", text("A frame may have at most {bytes:,} bytes.", bytes=FRAME_BYTES)) from error
    except BadInput as error:
        raise BadFrame("bad_frame", error.words) from error
    if not isinstance(data, dict):
        raise BadFrame("bad_frame", text("The frame is no JSON object."))
    given = data.get("id")
    frame_id = given[:MAX_ID_CHARS] if isinstance(given, str) else None
    if data.get("type") not in CLIENT_FRAME_TYPES:
        raise BadFrame("unknown_type", text("The types are: {types}.", types=", ".join(CLIENT_FRAME_TYPES)), frame_id)
    try:
        require_storable(data)
    except BadInput as error:
        raise BadFrame("bad_input", error.words, frame_id) from error
    try:
        return _CLIENT_FRAME.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise BadFrame("bad_input", verbatim_text(f"{where}: {first['msg']}"), frame_id) from error


def render_welcome(user_id: UUID, connection_id: UUID, position: Position) -> str:
    return _render_frame(
        "welcome",
        protocol=PROTOCOL,
        user_id=str(user_id),
        connection_id=str(connection_id),
        position=_position_to_json(position),
        limits=WELCOME_LIMITS,
    )


def render_heartbeat() -> str:
    return _render_frame("heartbeat")


def render_events(told: Batch | Resync) -> str:
    """A batch as an `events` frame, or a `resync`."""
    if isinstance(told, Resync):
        return _render_frame("resync", position=_position_to_json(told.position))
    return (
        f'{{"type":"events","user_id":"{told.user_id}","epoch":"{told.epoch}","after":{told.after},"upto":{told.upto},'
        f'"events":[{",".join(told.payloads)}]}}'
    )


def render_accepted(frame_id: str, run: dict[str, Any]) -> str:
    return _render_frame("accepted", id=frame_id, run=run)


def render_pong(frame_id: str) -> str:
    return _render_frame("pong", id=frame_id)


def render_error(code: str, message: str, frame_id: str | None = None) -> str:
    return _render_frame("error", code=code, message=message, id=frame_id)


def _render_frame(kind: str, **fields: Any) -> str:
    # In ASCII: a client is told what it said, also half a character, which JSON may escape and UTF-8 cannot have.
    return json.dumps({"type": kind, **fields}, separators=(",", ":"), default=str)


def _position_to_json(position: Position) -> dict[str, Any]:
    return {"epoch": str(position.epoch), "seq": position.seq}
