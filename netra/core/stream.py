"""A user's stream: appended in the transaction of the state change that an event tells of, read by position.

Numbers are gapless within (user, epoch). A reader gets ranges (after, upto] and chains them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from netra.core.events import EVENT, Event, run_of
from netra.core.exceptions import Defect
from netra.core.models import Event as EventRow
from netra.core.models import UserStream
from netra.core.scope import as_user


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Up to where a reader has seen the stream; seq 0 is before the first event."""

    epoch: UUID
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The events of one user in (after, upto], in order. Empty where after == upto."""

    user_id: UUID
    epoch: UUID
    after: int
    upto: int
    events: tuple[Event, ...]

    @property
    def position(self) -> Position:
        return Position(epoch=self.epoch, seq=self.upto)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """The position asked for is of another epoch or ahead of the stream: fetch a snapshot, go on from here."""

    user_id: UUID
    position: Position


def append(user_id: UUID, *events: Event) -> Batch:
    """Number and store events of one user. The caller's transaction decides whether they happened."""
    return append_all({user_id: events})[user_id]


def append_all(events: Mapping[UUID, Sequence[Event]]) -> dict[UUID, Batch]:
    """The same for several users at once, as the process's writer does it.

    Heads are locked in sorted order, so two writers cannot wait for each other.
    """
    if not connection.in_atomic_block:
        raise Defect("events are appended in the transaction of the change that they tell of; there is none")
    with connection.cursor() as cursor:
        batches = {user: _reserve(cursor, user, tuple(events[user])) for user in sorted(events, key=str)}
        rows = [row for batch in batches.values() for row in _rows(batch)]
        for start in range(0, len(rows), ROWS):
            _insert(cursor, rows[start : start + ROWS])
    return batches


def head(user_id: UUID) -> Position:
    """The position of the last event; an unused stream is made, so that its epoch is known."""
    with as_user(user_id):
        stream, _ = UserStream.objects.get_or_create(owner_id=user_id)
    return Position(epoch=stream.epoch, seq=stream.head)


def read_after(user_id: UUID, position: Position, *, limit: int = 500) -> Batch | Resync:
    """What follows a position, at most `limit` events, or that it cannot be continued."""
    # Head first, rows second: so nothing below the head is missed without a transaction, which would block writers
    # on SQLite.
    now = head(user_id)
    if position.epoch != now.epoch or position.seq > now.seq:
        return Resync(user_id=user_id, position=now)
    with as_user(user_id):
        later = EventRow.objects.for_user(user_id).filter(epoch=now.epoch, seq__gt=position.seq)
        rows = list(later.order_by("seq").values_list("seq", "payload")[:limit])
    events = tuple(EVENT.validate_python(payload) for _, payload in rows)
    upto = rows[-1][0] if rows else now.seq
    return Batch(user_id=user_id, epoch=now.epoch, after=position.seq, upto=upto, events=events)


# Every step of every run comes through here: plain SQL costs a third of the ORM's time.
ROWS = 1_000  # in one statement; seven parameters each, and SQLite takes 32,766
COLUMNS = ("owner_id", "epoch", "seq", "run_id", "type", "payload", "at")


def _reserve(cursor: CursorWrapper, user_id: UUID, events: tuple[Event, ...]) -> Batch:
    table = UserStream._meta.db_table
    claim = f"UPDATE {table} SET head = head + %s WHERE owner_id = %s RETURNING epoch, head"
    cursor.execute(claim, [len(events), _id(user_id)])
    found = cursor.fetchone()
    if found is None:
        UserStream.objects.bulk_create([UserStream(owner_id=user_id)], ignore_conflicts=True)
        cursor.execute(claim, [len(events), _id(user_id)])
        found = cursor.fetchone()
    epoch, upto = found
    epoch = epoch if isinstance(epoch, UUID) else UUID(epoch)
    return Batch(user_id=user_id, epoch=epoch, after=upto - len(events), upto=upto, events=events)


def _rows(batch: Batch) -> list[tuple[Any, ...]]:
    owner, epoch = _id(batch.user_id), _id(batch.epoch)
    return [
        (
            owner,
            epoch,
            batch.after + place,
            _id(run) if (run := run_of(event)) else None,
            event.type,
            event.model_dump_json(),
            connection.ops.adapt_datetimefield_value(event.at),
        )
        for place, event in enumerate(batch.events, start=1)
    ]


def _insert(cursor: CursorWrapper, rows: list[tuple[Any, ...]]) -> None:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    cursor.execute(
        f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)}) VALUES {', '.join([row] * len(rows))}",
        [value for each in rows for value in each],
    )


def _id(value: UUID) -> UUID | str:
    return value if connection.features.has_native_uuid_field else value.hex
