"""The frames between client and server, one JSON object per text frame, and the codes with which the server closes.

docs/protocol.md describes them.
"""

import asyncio
import json
from enum import IntEnum
from typing import Annotated, Any, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.exceptions import BadInput, TooLarge
from core.i18n.text import Text, text, verbatim_text
from core.json_data import parse_json, require_storable
from core.stream.batches import Batch, Position, Resync
from realtime import limits
from realtime.limits import FRAME_BYTES

PROTOCOL = 1
WELCOME_LIMITS = {
    "window_events": limits.WINDOW_EVENTS,
    "window_bytes": limits.WINDOW_BYTES,
    "ack_events": limits.ACK_EVENTS,
    "heartbeat_seconds": limits.HEARTBEAT,
    "silence_seconds": limits.SILENCE,
}
MAX_ID_CHARS = 100
# Longer frames are parsed on a thread. Most are shorter, and for them a thread costs more than the parsing.
MAX_INLINE_CHARS = 4096


class CloseCode(IntEnum):
    GOING_AWAY = 1012  # the server stops
    BROKEN = 1011  # sending failed on our side
    INVALID_FRAMES = 4400  # too many frames that could not be read
    SIGNED_OUT = 4401
    AUTHORITY_CHANGED = 4403
    SILENT = 4408
    FLOOD = 4413  # more frames than a socket may send, or more waiting than the inbox takes
    TOO_MANY_SOCKETS = 4429  # sockets of this user


class BadFrame(Exception):
    """A frame that the server does not accept. `code` and `id` go into the answer; `message` is for the client's
    author."""

    def __init__(self, code: str, message: Text, id: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.id = id


class _Frame(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Resume(_Frame):
    """Send the events after a position; without one, those from now on."""

    type: Literal["resume"]
    epoch: UUID | None = None
    seq: int | None = Field(default=None, ge=0, le=2**62)

    @property
    def position(self) -> Position | None:
        return Position(epoch=self.epoch, seq=self.seq) if self.epoch is not None and self.seq is not None else None


class Start(_Frame):
    """A question. Its fields are validated as REST validates them."""

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
    """The client has received everything up to this position."""

    type: Literal["ack"]
    epoch: UUID
    seq: int = Field(ge=0, le=2**62)

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, seq=self.seq)


class Ping(_Frame):
    type: Literal["ping"]
    id: str = Field(default="", max_length=MAX_ID_CHARS)


RunFrame = Start | Cancel
"""What realtime.run_requests handles: mypy names the places that leave out one of these frames."""
QueuedFrame = Resume | RunFrame
"""What waits in the consumer's inbox. The consumer answers the other frames at once."""
ClientFrame = QueuedFrame | Ack | Ping
"""Every frame that a client may send."""
_CLIENT_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(Annotated[ClientFrame, Field(discriminator="type")])
CLIENT_FRAME_TYPES: tuple[str, ...] = tuple(
    name for frame in get_args(ClientFrame) for name in get_args(frame.model_fields["type"].annotation)
)


async def read_frame(raw: str | None) -> ClientFrame:
    """Parse a frame, on a thread if it is long, so that nobody else waits for it. Raises BadFrame."""
    if raw is None or not MAX_INLINE_CHARS < len(raw) <= FRAME_BYTES:
        return parse_frame(raw)
    return await asyncio.to_thread(parse_frame, raw)


def parse_frame(raw: str | None) -> ClientFrame:
    """Parse a frame; None is a binary one. Raises BadFrame."""
    if raw is None:
        raise BadFrame("bad_frame", text("Each frame must be text with one JSON object."))
    try:
        data = parse_json(raw, max_bytes=FRAME_BYTES)
    except TooLarge as error:
        raise BadFrame("too_large", text("A frame can have at most {bytes:,} bytes.", bytes=FRAME_BYTES)) from error
    except BadInput as error:
        raise BadFrame("bad_frame", error.message) from error
    if not isinstance(data, dict):
        raise BadFrame("bad_frame", text("The frame is not a JSON object."))
    raw_id = data.get("id")
    frame_id = raw_id[:MAX_ID_CHARS] if isinstance(raw_id, str) else None
    if data.get("type") not in CLIENT_FRAME_TYPES:
        raise BadFrame(
            "unknown_type",
            text("Unknown frame type. The types are: {types}.", types=", ".join(CLIENT_FRAME_TYPES)),
            frame_id,
        )
    try:
        require_storable(data)
    except BadInput as error:
        raise BadFrame("bad_input", error.message, frame_id) from error
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


def render_events(batch: Batch | Resync) -> str:
    """Render a batch as an `events` frame, or a Resync as a `resync` frame."""
    if isinstance(batch, Resync):
        return _render_frame("resync", position=_position_to_json(batch.position))
    return (
        f'{{"type":"events","user_id":"{batch.user_id}","epoch":"{batch.epoch}","after":{batch.after},'
        f'"upto":{batch.upto},"events":[{",".join(batch.payloads)}]}}'
    )


def render_accepted(frame_id: str, run: dict[str, Any]) -> str:
    return _render_frame("accepted", id=frame_id, run=run)


def render_pong(frame_id: str) -> str:
    return _render_frame("pong", id=frame_id)


def render_error(code: str, message: str, frame_id: str | None = None) -> str:
    return _render_frame("error", code=code, message=message, id=frame_id)


def _render_frame(kind: str, **fields: Any) -> str:
    # In ASCII: an answer may repeat a lone surrogate of the client's, which JSON can escape and UTF-8 cannot encode.
    return json.dumps({"type": kind, **fields}, separators=(",", ":"), default=str)


def _position_to_json(position: Position) -> dict[str, Any]:
    return {"epoch": str(position.epoch), "seq": position.seq}
