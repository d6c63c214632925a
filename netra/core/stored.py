"""Events as rows: appended by one statement, read by position. Payloads are the JSON text that is sent."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from netra.core.heads import key
from netra.core.models import Event as EventRow

COLUMNS = ("owner_id", "epoch", "seq", "run_id", "type", "payload", "at")
TYPES = ("uuid", "uuid", "bigint", "uuid", "text", "jsonb", "timestamptz")
ROWS = 1_000  # in one statement; SQLite takes 32,766 parameters
LENGTHS = (1, 2, 3, 4, 5, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, ROWS)


class Row(NamedTuple):
    """One event of one user, ready to be stored: ids in hexadecimal, `payload` as JSON. A tuple: tens of thousands a
    second are made."""

    owner_id: str
    epoch: str
    seq: int
    run_id: str | None
    type: str
    payload: str
    at: datetime


def insert(cursor: CursorWrapper, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        if connection.vendor == "postgresql":
            _in_one_text(cursor, some)
        else:
            _listed(some)


def payloads(cursor: CursorWrapper, user_id: UUID, epoch: UUID, after: int, limit: int) -> list[tuple[int, str]]:
    """Number and JSON text of a user's events after a number, in order."""
    text = "payload::text" if connection.vendor == "postgresql" else "payload"
    cursor.execute(
        f"SELECT seq, {text} FROM {EventRow._meta.db_table} WHERE owner_id = %s AND epoch = %s AND seq > %s "
        "ORDER BY seq LIMIT %s",
        [key(user_id), key(epoch), after, limit],
    )
    return list(cursor.fetchall())


def _listed(rows: Sequence[Row]) -> None:
    # Filled up with empty rows to one of few lengths: SQLite takes almost as long to read a statement that it has
    # not seen as to carry it out.
    length = next(length for length in LENGTHS if length >= len(rows))
    row = f"({', '.join('?' * len(COLUMNS))})"
    sql = (
        f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)}) "
        f"SELECT * FROM (VALUES {', '.join([row] * length)}) WHERE column1 IS NOT NULL"
    )
    values: list[Any] = []
    for each in rows:
        values += each[:-1]
        values.append(_utc(each.at))
    values += [None] * (len(COLUMNS) * (length - len(rows)))
    # The driver's own: Django would write each of thousands of placeholders anew.
    with connection.wrap_database_errors:
        connection.connection.execute(sql, values)


def _utc(at: datetime) -> str:
    """As Django stores it in SQLite, without the cost of its adapters."""
    return (at if at.tzinfo is UTC else at.astimezone(UTC)).isoformat(" ").removesuffix("+00:00")


def _in_one_text(cursor: CursorWrapper, rows: Sequence[Row]) -> None:
    # Thousands of parameters, or arrays of them, are quoted one by one in Python: that took longer than all else.
    chosen = ", ".join(
        f"(row -> {place})" if kind == "jsonb" else f"(row ->> {place})::{kind}" for place, kind in enumerate(TYPES)
    )
    cursor.execute(
        f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)}) "
        f"SELECT {chosen} FROM jsonb_array_elements(%s::jsonb) AS row",
        [f"[{','.join(map(_as_json, rows))}]"],
    )


def _as_json(row: Row) -> str:
    run_id = "null" if row.run_id is None else f'"{row.run_id}"'
    return f'["{row.owner_id}","{row.epoch}",{row.seq},{run_id},"{row.type}",{row.payload},"{row.at.isoformat()}"]'
