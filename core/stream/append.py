"""Append events to a user's stream, in the transaction of the state change that they describe.

Sequence numbers are given out without gaps within (user, epoch). Payloads are stored as the JSON text that is sent.
Whoever appends passes a `publish`, which gets the batches once they are committed.

Plain SQL, one statement for many users: every step of every run passes here, and each statement releases the GIL."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.db import to_uuid
from core.events import Event, get_run_id
from core.exceptions import Defect
from core.models import Event as EventRow
from core.models import UserStream
from core.redaction import redact_all
from core.stream.batches import Batch, Commits, utf8_length
from core.stream.prepared_json import split_event_json

COLUMNS = ("owner_id", "epoch", "seq", "run_id", "type", "payload", "at")
INSERT_INTO = f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)})"
ROWS_PER_STATEMENT = 1_000  # SQLite takes 32,766 parameters
STATEMENT_LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, ROWS_PER_STATEMENT)
INSERT_ON_POSTGRESQL = f"""{INSERT_INTO}
SELECT (part ->> 0)::uuid, (part ->> 1)::uuid, (part ->> 2)::bigint + place,
    (event ->> 'run_id')::uuid, event ->> 'type', event, (event ->> 'at')::timestamptz
FROM jsonb_array_elements(%s::jsonb) AS part, jsonb_array_elements(part -> 3) WITH ORDINALITY AS e (event, place)"""

Heads = dict[UUID, tuple[UUID, int]]
"""By user: the epoch, and the number of the last event."""

ADVANCE_ON_SQLITE = """
WITH wanted AS (SELECT json_extract(value, '$[0]') AS owner, json_extract(value, '$[1]') AS n FROM json_each(%s))
UPDATE {table} SET head = head + wanted.n FROM wanted WHERE owner_id = wanted.owner RETURNING owner_id, epoch, head
"""
# Locked in the order of their keys, so that two transactions cannot deadlock.
ADVANCE_ON_POSTGRESQL = """
WITH wanted AS (SELECT * FROM unnest(%s::uuid[], %s::bigint[]) AS w (owner, n)),
locked AS (
    SELECT s.owner_id FROM {table} s JOIN wanted w ON s.owner_id = w.owner ORDER BY s.owner_id FOR UPDATE OF s {wait}
)
UPDATE {table} s SET head = s.head + w.n FROM wanted w JOIN locked l ON l.owner_id = w.owner
WHERE s.owner_id = w.owner RETURNING s.owner_id, s.epoch, s.head
"""

MAX_EVENT_BYTES = 512 * 1024  # of an event's JSON; tools cut their results far below that

Publish = Callable[[Commits], None]
"""Gives committed batches to listeners. It is called in the thread that has committed, and must not wait."""


def publish_to_nobody(commits: Commits) -> None:
    """Publish nothing, in a process without listeners: those of other processes find the events by their poll."""


def append_events(user_id: UUID, *events: Event, publish: Publish) -> Batch:
    """Number and store events of one user, in the caller's transaction; `publish` gets them once it is committed."""
    return append_events_by_user({user_id: events}, publish=publish)[user_id]


def append_events_by_user(
    events: Mapping[UUID, Sequence[Event]], *, publish: Publish, wait: bool = True
) -> dict[UUID, Batch]:
    """Number and store events of several users at once; `publish` gets them once the transaction is committed.

    Without `wait`, users whose stream is locked at this moment are left out: none of their events is stored.
    """
    if not connection.in_atomic_block:
        raise Defect("events are appended in the transaction of the change that they describe; there is none")
    if not events:
        return {}
    with connection.cursor() as cursor:
        heads = reserve_numbers(cursor, {user: len(own) for user, own in events.items()}, wait=wait)
        texts = _serialize_events({user: events[user] for user in heads})
        batches: dict[UUID, Batch] = {}
        parts: list[PendingEvents] = []
        for user, (epoch, upto) in heads.items():
            batches[user] = batch = _build_batch(user, epoch, upto, events[user], texts[user])
            parts.append(PendingEvents(user, epoch, batch.after, events[user], batch.payloads))
        insert_events(cursor, parts)
    if batches:
        # Robust: what is committed stays a success even if it cannot be published. No partial: Django logs the failed
        # function by its name.
        transaction.on_commit(lambda: publish(batches), robust=True)
    return batches


def _build_batch(user_id: UUID, epoch: UUID, upto: int, events: Sequence[Event], texts: tuple[str, ...]) -> Batch:
    since = events[0].at if events else None
    return Batch(user_id=user_id, epoch=epoch, after=upto - len(texts), upto=upto, payloads=texts, since=since)


def _serialize_events(events: Mapping[UUID, Sequence[Event]]) -> dict[UUID, tuple[str, ...]]:
    split = {user: [split_event_json(event) for event in own] for user, own in events.items()}
    searched = redact_all({user: [text for text, _ in own] for user, own in split.items()}, get_redactable_part)
    texts = {
        user: tuple([text + rest for text, (_, rest) in zip(searched[user], own, strict=True)])
        for user, own in split.items()
    }
    for user, own in events.items():
        for event, payload in zip(own, texts[user], strict=True):
            if utf8_length(payload) > MAX_EVENT_BYTES:
                raise Defect(f"an event {event.type} fits into no frame: {utf8_length(payload):,} B")
    return texts


def to_event_json(event: Event) -> str:
    """Return the event's JSON, in which secrets may be left."""
    return "".join(split_event_json(event))


def get_redactable_part(text: str) -> str:
    """Return the part of an event's JSON that may contain a secret: before it are only times, ids and numbers."""
    # A quote within a string is escaped, so what is found is a field's name.
    for field in ('"agent":"', '"type":"'):
        if (place := text.find(field)) >= 0:
            return text[place:]
    return text


def reserve_numbers(cursor: CursorWrapper, counts: Mapping[UUID, int], *, wait: bool = True) -> Heads:
    """Advance each user's head by a number of events, creating streams that don't exist yet.

    Without `wait`, users whose head is locked at this moment are left out (PostgreSQL only; SQLite has one writer at a
    time).
    """
    found = _advance_heads(cursor, counts, wait)
    missing = [user for user in counts if user not in found]
    if missing:
        UserStream.objects.bulk_create([UserStream(owner_id=user) for user in missing], ignore_conflicts=True)
        found |= _advance_heads(cursor, {user: counts[user] for user in missing}, wait)
    return found


def _advance_heads(cursor: CursorWrapper, counts: Mapping[UUID, int], wait: bool) -> Heads:
    table = UserStream._meta.db_table
    if connection.vendor == "postgresql":
        sql = ADVANCE_ON_POSTGRESQL.format(table=table, wait="" if wait else "SKIP LOCKED")
        cursor.execute(sql, [list(counts), list(counts.values())])
    else:
        counts_json = json.dumps([(user.hex, count) for user, count in counts.items()])
        cursor.execute(ADVANCE_ON_SQLITE.format(table=table), [counts_json])
    return {to_uuid(owner): (to_uuid(epoch), head) for owner, epoch, head in cursor.fetchall()}


def lock_head(user_id: UUID) -> None:
    """Lock the user's stream against appending until the transaction ends. Without a stream nothing is locked.

    Call it first in a transaction that deletes events, or rows that events refer to.
    """
    list(UserStream.objects.select_for_update().filter(owner_id=user_id).values_list("owner_id"))


class PendingEvents(NamedTuple):
    """The events to append to a user's stream after a number, and the JSON text of each."""

    user_id: UUID
    epoch: UUID
    after: int
    events: Sequence[Event]
    payloads: Sequence[str]


def insert_events(cursor: CursorWrapper, parts: Sequence[PendingEvents]) -> None:
    if connection.vendor == "postgresql":
        # Thousands of parameters, or arrays of them, would be quoted one by one in Python, which took longest of all.
        cursor.execute(INSERT_ON_POSTGRESQL, [f"[{','.join(map(_to_json_array, parts))}]"])
    else:
        rows = [row for part in parts for row in _to_rows(part)]
        for start in range(0, len(rows), ROWS_PER_STATEMENT):
            _insert_rows(rows[start : start + ROWS_PER_STATEMENT])


def _to_json_array(part: PendingEvents) -> str:
    return f'["{part.user_id}","{part.epoch}",{part.after},[{",".join(part.payloads)}]]'


def _to_rows(part: PendingEvents) -> list[tuple[Any, ...]]:
    owner, epoch = part.user_id.hex, part.epoch.hex
    return [
        (
            owner,
            epoch,
            part.after + place,
            _to_hex(get_run_id(event)),
            event.type,
            text,
            _to_sqlite_time(text, event.at),
        )
        for place, (event, text) in enumerate(zip(part.events, part.payloads, strict=True), start=1)
    ]


def _insert_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    # Padded with empty rows to one of a few lengths: SQLite takes almost as long to parse a new statement as to execute
    # it.
    length = next(length for length in STATEMENT_LENGTHS if length >= len(rows))
    row = f"({', '.join('?' * len(COLUMNS))})"
    sql = f"{INSERT_INTO} SELECT * FROM (VALUES {', '.join([row] * length)}) WHERE column1 IS NOT NULL"
    values = [value for row in rows for value in row]
    values += [None] * (len(COLUMNS) * (length - len(rows)))
    # The driver's own method: Django would convert each of thousands of placeholders.
    with connection.wrap_database_errors:
        connection.connection.execute(sql, values)


def _to_hex(run_id: UUID | None) -> str | None:
    return None if run_id is None else run_id.hex


def _to_sqlite_time(text: str, at: datetime) -> str:
    """Return the time as Django stores it in SQLite. Taking it from the event's JSON costs a fifth of formatting it."""
    if text.startswith('{"at":"') and text[33:35] == 'Z"':
        return f"{text[7:17]} {text[18:33]}"
    return at.astimezone(UTC).isoformat(" ").removesuffix("+00:00")
