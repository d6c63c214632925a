"""A user's stream: appended in the transaction of the state change that an event tells of, read by position.

Numbers are gapless within (user, epoch) when they are given out. A reader gets ranges (after, upto] and chains them, so
what was pruned or erased since leaves no gap.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, connection

from netra.core.events import EVENT, Event, as_json, words
from netra.core.exceptions import Defect, UserGone
from netra.core.heads import reserve
from netra.core.models import UserStream
from netra.core.scope import as_user
from netra.core.secrets import all_scrubbed
from netra.core.stored import Part, insert, payloads
from netra.language.text import text

EVENT_BYTES = 512 * 1024  # bytes of one event's JSON; tools cut what they give far below that


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
        return tuple(EVENT.validate_json(payload) for payload in self.payloads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """The position asked for is of another epoch, ahead of the stream, or before what is kept: fetch a snapshot, go on
    from here."""

    user_id: UUID
    position: Position


def append(user_id: UUID, *events: Event) -> Batch:
    """Number and store events of one user. The caller's transaction decides whether they happened."""
    return append_all({user_id: events})[user_id]


def append_all(events: Mapping[UUID, Sequence[Event]], *, wait: bool = True) -> dict[UUID, Batch]:
    """The same for several users at once, as the process's writer does it.

    Without `wait`, users to whose stream somebody else writes at this moment are left out: nothing of theirs is stored.
    """
    if not connection.in_atomic_block:
        raise Defect("events are appended in the transaction of the change that they tell of; there is none")
    if not events:
        return {}
    with connection.cursor() as cursor:
        heads = reserve(cursor, {user: len(told) for user, told in events.items()}, wait=wait)
        texts = _texts({user: events[user] for user in heads})
        batches: dict[UUID, Batch] = {}
        parts: list[Part] = []
        for user, (epoch, upto) in heads.items():
            batches[user] = batch = _numbered(user, epoch, upto, events[user], texts[user])
            parts.append(Part(user, epoch, batch.after, events[user], batch.payloads))
        insert(cursor, parts)
    return batches


def head(user_id: UUID) -> Position:
    """The position of the last event; an unused stream is made, so that its epoch is known.

    Raises UserGone, as all that reads a stream does, where there is no such user any more.
    """
    stream = _stream(user_id)
    return Position(epoch=stream.epoch, seq=stream.head)


def beginning(user_id: UUID) -> Position:
    """The position from which all that is kept can be read."""
    stream = _stream(user_id)
    return Position(epoch=stream.epoch, seq=stream.floor)


def read_after(user_id: UUID, position: Position, *, limit: int = 500, size: int | None = None) -> Batch | Resync:
    """What follows a position, or that it cannot be continued: at most `limit` events, and beyond the first one no more
    than `size` bytes."""
    # Head first, rows second: so nothing below the head is missed without a transaction, which would block writers
    # on SQLite.
    now = _stream(user_id)
    if position.epoch != now.epoch or not now.floor <= position.seq <= now.head:
        return Resync(user_id=user_id, position=Position(epoch=now.epoch, seq=now.head))
    if position.seq == now.head:
        return Batch(user_id=user_id, epoch=now.epoch, after=now.head, upto=now.head, payloads=())
    with as_user(user_id), connection.cursor() as cursor:
        found = payloads(cursor, user_id, now.epoch, position.seq, limit)
    rows = _within(found, size)
    # Once more: what was pruned, or begun anew, between the two looks is missing from the rows.
    after = _stream(user_id)
    if after.epoch != now.epoch or position.seq < after.floor:
        return Resync(user_id=user_id, position=Position(epoch=after.epoch, seq=after.head))
    # Fewer than asked for, and none left out: up to the head there is nothing else.
    whole = len(found) < limit and len(rows) == len(found)
    upto = max(rows[-1][0], now.head if whole else 0) if rows else now.head
    return Batch(
        user_id=user_id, epoch=now.epoch, after=position.seq, upto=upto, payloads=tuple(text for _, text in rows)
    )


def _within(rows: list[tuple[int, str]], size: int | None) -> list[tuple[int, str]]:
    if size is None:
        return rows
    kept, total = rows[:1], sum(octets(text) for _, text in rows[:1])
    for row in rows[1:]:
        total += octets(row[1])
        if total > size:
            break
        kept.append(row)
    return kept


def octets(text: str) -> int:
    """The bytes of a text as UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def _stream(user_id: UUID) -> UserStream:
    try:
        with as_user(user_id):
            found: UserStream | None = UserStream.objects.filter(owner_id=user_id).first()
            return found or UserStream.objects.get_or_create(owner_id=user_id)[0]
    except IntegrityError as error:
        # Its one reference is to the user.
        raise UserGone(text("This account no longer exists.")) from error


def _numbered(user_id: UUID, epoch: UUID, upto: int, events: Sequence[Event], texts: tuple[str, ...]) -> Batch:
    since = events[0].at if events else None
    return Batch(user_id=user_id, epoch=epoch, after=upto - len(texts), upto=upto, payloads=texts, since=since)


def _texts(events: Mapping[UUID, Sequence[Event]]) -> dict[UUID, tuple[str, ...]]:
    texts = all_scrubbed({user: [as_json(event) for event in told] for user, told in events.items()}, words)
    for user, told in events.items():
        for event, payload in zip(told, texts[user], strict=True):
            if octets(payload) > EVENT_BYTES:
                raise Defect(f"an event {event.type} fits into no frame: {octets(payload):,} B")
    return texts
