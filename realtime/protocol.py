"""What a client may say and what it is told: one JSON object per text frame, as docs/protocol.md describes them."""

import asyncio
import json
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from netra.core.exceptions import BadInput, TooLarge
from netra.core.jsontext import parse_json, require_storable
from netra.core.stream import Batch, Position, Resync
from netra.language.text import Text, quoted, text
from realtime import limits
from realtime.limits import FRAME_BYTES

PROTOCOL = 1
LIMITS = {
    "window_events": limits.WINDOW_EVENTS,
    "window_bytes": limits.WINDOW_BYTES,
    "ack_events": limits.ACK_EVENTS,
    "heartbeat_seconds": limits.HEARTBEAT,
    "silence_seconds": limits.SILENCE,
}
MAX_ID = 100
SHORT = 4096  # characters of a frame that is read at once; most are, and a thread costs more than the reading


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
    id: str = Field(max_length=MAX_ID)
    client_id: UUID

    @property
    def question(self) -> dict[str, Any]:
        return {**(self.model_extra or {}), "client_id": str(self.client_id)}


class Cancel(_Frame):
    type: Literal["cancel"]
    id: str = Field(max_length=MAX_ID)
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
    id: str = Field(default="", max_length=MAX_ID)


ClientFrame = Annotated[Resume | Start | Cancel | Ack | Ping, Field(discriminator="type")]
_CLIENT_FRAME: TypeAdapter[Resume | Start | Cancel | Ack | Ping] = TypeAdapter(ClientFrame)
TYPES = ("resume", "start", "cancel", "ack", "ping")


async def parsed(said: str | None) -> Resume | Start | Cancel | Ack | Ping:
    """The frame, read on a thread where it is long: nobody else waits for it. Raises BadFrame."""
    if said is None or not SHORT < len(said) <= FRAME_BYTES:
        return parse(said)
    return await asyncio.to_thread(parse, said)


def parse(said: str | None) -> Resume | Start | Cancel | Ack | Ping:
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
    frame_id = given[:MAX_ID] if isinstance(given, str) else None
    if data.get("type") not in TYPES:
        raise BadFrame("unknown_type", text("The types are: {types}.", types=", ".join(TYPES)), frame_id)
    try:
        require_storable(data)
    except BadInput as error:
        raise BadFrame("bad_input", error.words, frame_id) from error
    try:
        return _CLIENT_FRAME.validate_python(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"][1:])
        raise BadFrame("bad_input", quoted(f"{where}: {first['msg']}"), frame_id) from error


def welcome(user_id: UUID, connection_id: UUID, position: Position) -> str:
    return _told(
        "welcome",
        protocol=PROTOCOL,
        user_id=str(user_id),
        connection_id=str(connection_id),
        position=_position(position),
        limits=LIMITS,
    )


def heartbeat() -> str:
    return _told("heartbeat")


def news(told: Batch | Resync) -> str:
    """A batch as an `events` frame, or a `resync`."""
    if isinstance(told, Resync):
        return _told("resync", position=_position(told.position))
    return (
        f'{{"type":"events","user_id":"{told.user_id}","epoch":"{told.epoch}","after":{told.after},"upto":{told.upto},'
        f'"events":[{",".join(told.payloads)}]}}'
    )


def accepted(frame_id: str, run: dict[str, Any]) -> str:
    return _told("accepted", id=frame_id, run=run)


def pong(frame_id: str) -> str:
    return _told("pong", id=frame_id)


def refused(code: str, message: str, frame_id: str | None = None) -> str:
    return _told("error", code=code, message=message, id=frame_id)


def _told(kind: str, **fields: Any) -> str:
    # In ASCII: a client is told what it said, also half a character, which JSON may escape and UTF-8 cannot have.
    return json.dumps({"type": kind, **fields}, separators=(",", ":"), default=str)


def _position(position: Position) -> dict[str, Any]:
    return {"epoch": str(position.epoch), "seq": position.seq}
