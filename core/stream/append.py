"""Events as rows: appended by one statement, read by position. Payloads are the JSON text that is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from netra.core.events import Event, run_of
from netra.core.heads import key
from netra.core.models import Event as EventRow

COLUMNS = ("owner_id", "epoch", "seq", "run_id", "type", "payload", "at")
INTO = f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)})"
ROWS = 1_000  # in one statement; SQLite takes 32,766 parameters
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, ROWS)
ON_POSTGRESQL = f"""{INTO}
SELECT (part ->> 0)::uuid, (part ->> 1)::uuid, (part ->> 2)::bigint + place,
    (event ->> 'run_id')::uuid, event ->> 'type', event, (event ->> 'at')::timestamptz
FROM jsonb_array_elements(%s::jsonb) AS part, jsonb_array_elements(part -> 3) WITH ORDINALITY AS told (event, place)"""


class Part(NamedTuple):
    """What a user's stream grows by: their events after a number, and each one's JSON text."""

    user_id: UUID
    epoch: UUID
    after: int
    events: Sequence[Event]
    payloads: Sequence[str]


def insert(cursor: CursorWrapper, parts: Sequence[Part]) -> None:
    if connection.vendor == "postgresql":
        # Thousands of parameters, or arrays of them, are quoted one by one in Python: that took longer than all else.
        cursor.execute(ON_POSTGRESQL, [f"[{','.join(map(_as_json, parts))}]"])
    else:
        rows = [row for part in parts for row in _rows(part)]
        for start in range(0, len(rows), ROWS):
            _listed(rows[start : start + ROWS])


def payloads(cursor: CursorWrapper, user_id: UUID, epoch: UUID, after: int, limit: int) -> list[tuple[int, str]]:
    """Number and JSON text of a user's events after a number, in order."""
    text = "payload::text" if connection.vendor == "postgresql" else "payload"
    cursor.execute(
        f"SELECT seq, {text} FROM {EventRow._meta.db_table} WHERE owner_id = %s AND epoch = %s AND seq > %s "
        "ORDER BY seq LIMIT %s",
        [key(user_id), key(epoch), after, limit],
    )
    return list(cursor.fetchall())


def _as_json(part: Part) -> str:
    return f'["{part.user_id}","{part.epoch}",{part.after},[{",".join(part.payloads)}]]'


def _rows(part: Part) -> list[tuple[Any, ...]]:
    owner, epoch = part.user_id.hex, part.epoch.hex
    return [
        (owner, epoch, part.after + place, _hex(run_of(event)), event.type, text, _moment(text, event.at))
        for place, (event, text) in enumerate(zip(part.events, part.payloads, strict=True), start=1)
    ]


def _listed(rows: Sequence[tuple[Any, ...]]) -> None:
    # Filled up with empty rows to one of few lengths: SQLite takes almost as long to read a statement that it has
    # not seen as to carry it out.
    length = next(length for length in LENGTHS if length >= len(rows))
    row = f"({', '.join('?' * len(COLUMNS))})"
    sql = f"{INTO} SELECT * FROM (VALUES {', '.join([row] * length)}) WHERE column1 IS NOT NULL"
    values = [value for row in rows for value in row]
    values += [None] * (len(COLUMNS) * (length - len(rows)))
    # The driver's own: Django would write each of thousands of placeholders anew.
    with connection.wrap_database_errors:
        connection.connection.execute(sql, values)


def _hex(run_id: UUID | None) -> str | None:
    return None if run_id is None else run_id.hex


def _moment(text: str, at: datetime) -> str:
    """As Django stores it in SQLite. An event's JSON begins with its time: taking it from there costs a fifth."""
    if text.startswith('{"at":"') and text[33:35] == 'Z"':
        return f"{text[7:17]} {text[18:33]}"
    return at.astimezone(UTC).isoformat(" ").removesuffix("+00:00")
