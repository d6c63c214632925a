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
TYPES = ("uuid", "uuid", "bigint", "uuid", "text", "text", "timestamptz")
ROWS = 1_000  # in one statement; SQLite takes 32,766 parameters


class Row(NamedTuple):
    """One event of one user, ready to be stored; `payload` is JSON. A tuple: tens of thousands a second are made."""

    owner_id: UUID
    epoch: UUID
    seq: int
    run_id: UUID | None
    type: str
    payload: str
    at: datetime


def insert(cursor: CursorWrapper, rows: Sequence[Row]) -> None:
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        if connection.vendor == "postgresql":
            _unnested(cursor, some)
        else:
            _listed(cursor, some)


def payloads(cursor: CursorWrapper, user_id: UUID, epoch: UUID, after: int, limit: int) -> list[tuple[int, str]]:
    """Number and JSON text of a user's events after a number, in order."""
    text = "payload::text" if connection.vendor == "postgresql" else "payload"
    cursor.execute(
        f"SELECT seq, {text} FROM {EventRow._meta.db_table} WHERE owner_id = %s AND epoch = %s AND seq > %s "
        "ORDER BY seq LIMIT %s",
        [key(user_id), key(epoch), after, limit],
    )
    return list(cursor.fetchall())


def _listed(cursor: CursorWrapper, rows: Sequence[Row]) -> None:
    row = f"({', '.join(['%s'] * len(COLUMNS))})"
    sql = f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)}) VALUES {', '.join([row] * len(rows))}"
    values: list[Any] = []
    for each in rows:
        run_id = None if each.run_id is None else each.run_id.hex
        values += (each.owner_id.hex, each.epoch.hex, each.seq, run_id, each.type, each.payload, _utc(each.at))
    cursor.execute(sql, values)


def _utc(at: datetime) -> str:
    """As Django stores it in SQLite, at a fifth of its cost."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ")


def _unnested(cursor: CursorWrapper, rows: Sequence[Row]) -> None:
    arrays = ", ".join(f"%s::{kind}[]" for kind in TYPES)
    chosen = ", ".join(f"e.{name}::jsonb" if name == "payload" else f"e.{name}" for name in COLUMNS)
    cursor.execute(
        f"INSERT INTO {EventRow._meta.db_table} ({', '.join(COLUMNS)}) "
        f"SELECT {chosen} FROM unnest({arrays}) AS e ({', '.join(COLUMNS)})",
        [
            [each.owner_id for each in rows],
            [each.epoch for each in rows],
            [each.seq for each in rows],
            [each.run_id for each in rows],
            [each.type for each in rows],
            [each.payload for each in rows],
            [each.at for each in rows],
        ],
    )
