"""Read a user's stream by position.

A reader gets ranges (after, upto] and chains them, so events that were pruned or erased leave no gap."""

from uuid import UUID

from django.db import IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from core.db import as_user, to_uuid_param
from core.exceptions import UserGone
from core.i18n.text import text
from core.models import Event as EventRow
from core.models import UserStream
from core.stream.batches import Batch, Position, Resync, utf8_length


def select_payloads(cursor: CursorWrapper, user_id: UUID, epoch: UUID, after: int, limit: int) -> list[tuple[int, str]]:
    """Return the numbers and JSON texts of a user's events after a number, in order."""
    text = "payload::text" if connection.vendor == "postgresql" else "payload"
    cursor.execute(
        f"SELECT seq, {text} FROM {EventRow._meta.db_table} WHERE owner_id = %s AND epoch = %s AND seq > %s "
        "ORDER BY seq LIMIT %s",
        [to_uuid_param(user_id), to_uuid_param(epoch), after, limit],
    )
    return list(cursor.fetchall())


def get_head_position(user_id: UUID) -> Position:
    """Return the position of the last event; an unused stream is created, so that it has an epoch.

    Like all functions that read a stream, it raises UserGone if the user doesn't exist any more.
    """
    stream = _get_or_create_stream(user_id)
    return Position(epoch=stream.epoch, seq=stream.head)


def get_floor_position(user_id: UUID) -> Position:
    """Return the position from which all stored events can be read."""
    stream = _get_or_create_stream(user_id)
    return Position(epoch=stream.epoch, seq=stream.floor)


def read_after(user_id: UUID, position: Position, *, limit: int = 500, size: int | None = None) -> Batch | Resync:
    """Return the events after a position, or Resync if it cannot be continued.

    There are at most `limit` events, and after the first one no more than fit into `size` bytes.
    """
    # The head is read before the rows, so that no row up to it is missed. A transaction would do that too, but block
    # writers on SQLite.
    now = _get_or_create_stream(user_id)
    if position.epoch != now.epoch or not now.floor <= position.seq <= now.head:
        return Resync(user_id=user_id, position=Position(epoch=now.epoch, seq=now.head))
    if position.seq == now.head:
        return Batch(user_id=user_id, epoch=now.epoch, after=now.head, upto=now.head, payloads=())
    with as_user(user_id), connection.cursor() as cursor:
        found = select_payloads(cursor, user_id, now.epoch, position.seq, limit)
    rows = _limit_size(found, size)
    # Read again: events that were pruned between the two reads, or an earlier epoch's, are missing from the rows.
    after = _get_or_create_stream(user_id)
    if after.epoch != now.epoch or position.seq < after.floor:
        return Resync(user_id=user_id, position=Position(epoch=after.epoch, seq=after.head))
    # With fewer rows than the limit, and none left out, there are no others up to the head.
    is_complete = len(found) < limit and len(rows) == len(found)
    upto = max(rows[-1][0], now.head if is_complete else 0) if rows else now.head
    return Batch(
        user_id=user_id, epoch=now.epoch, after=position.seq, upto=upto, payloads=tuple(text for _, text in rows)
    )


def _limit_size(rows: list[tuple[int, str]], size: int | None) -> list[tuple[int, str]]:
    if size is None:
        return rows
    limited, total = rows[:1], sum(utf8_length(text) for _, text in rows[:1])
    for row in rows[1:]:
        total += utf8_length(row[1])
        if total > size:
            break
        limited.append(row)
    return limited


def _get_or_create_stream(user_id: UUID) -> UserStream:
    try:
        with as_user(user_id):
            found: UserStream | None = UserStream.objects.filter(owner_id=user_id).first()
            return found or UserStream.objects.get_or_create(owner_id=user_id)[0]
    except IntegrityError as error:
        # A stream's only foreign key is to the user.
        raise UserGone(text("This account no longer exists.")) from error
