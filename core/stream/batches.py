"""Positions in a user's stream, and the batches of events between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.events import EVENT_ADAPTER, Event


class Position(NamedTuple):
    """Up to where a reader has seen the stream; seq 0 is before the first event."""

    epoch: UUID
    seq: int


class Batch(NamedTuple):
    """The events of one user in (after, upto], in order, as JSON texts. Empty where after == upto.

    `since` is the time of the first, where the batch comes right from its commit. A tuple, as positions are: making a
    frozen dataclass takes twice as long, and each commit makes some for everybody.
    """

    user_id: UUID
    epoch: UUID
    after: int
    upto: int
    payloads: tuple[str, ...]
    since: datetime | None = None

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, seq=self.upto)

    @property
    def events(self) -> tuple[Event, ...]:
        return tuple(EVENT_ADAPTER.validate_json(payload) for payload in self.payloads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """The position asked for is of another epoch, ahead of the stream, or before what is kept: fetch a snapshot, go on
    from here."""

    user_id: UUID
    position: Position


def utf8_length(text: str) -> int:
    """The bytes of a text as UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


Commits = Mapping[UUID, Batch]
