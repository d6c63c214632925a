"""Positions in a user's stream, and the batches of events between them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from core.events import EVENT_ADAPTER, Event


class Position(NamedTuple):
    """The last event of a stream that a reader has seen; seq 0 is before the first event."""

    epoch: UUID
    seq: int


class Batch(NamedTuple):
    """The events of one user in (after, upto], in order, as JSON texts. It is empty if after == upto.

    `since` is the time of the first event, if the batch comes straight from its commit. Batches and positions are
    tuples, as creating a frozen dataclass takes twice as long, and each commit creates some for every listener.
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


Commits = Mapping[UUID, Batch]
"""The batches of a commit, by user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """A reader cannot continue: its position is of another epoch, ahead of the stream or below its floor.

    It must fetch a snapshot and continue from this position.
    """

    user_id: UUID
    position: Position


def utf8_length(text: str) -> int:
    """Return the number of bytes of a text as UTF-8."""
    return len(text) if text.isascii() else len(text.encode())
