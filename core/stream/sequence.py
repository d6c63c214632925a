"""Sequence numbers of users' streams: reserve them and lock a stream's head.

Plain SQL, one statement for many users: every step of every run passes here, and each statement releases the GIL."""

import json
from collections.abc import Mapping
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from core.db import to_uuid
from core.models import UserStream

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


def lock_head(user_id: UUID) -> None:
    """Lock the user's stream against appending until the transaction ends. Without a stream nothing is locked.

    Call it first in a transaction that deletes events, or rows that events refer to.
    """
    list(UserStream.objects.select_for_update().filter(owner_id=user_id).values_list("owner_id"))


def _advance_heads(cursor: CursorWrapper, counts: Mapping[UUID, int], wait: bool) -> Heads:
    table = UserStream._meta.db_table
    if connection.vendor == "postgresql":
        sql = ADVANCE_ON_POSTGRESQL.format(table=table, wait="" if wait else "SKIP LOCKED")
        cursor.execute(sql, [list(counts), list(counts.values())])
    else:
        counts_json = json.dumps([(user.hex, count) for user, count in counts.items()])
        cursor.execute(ADVANCE_ON_SQLITE.format(table=table), [counts_json])
    return {to_uuid(owner): (to_uuid(epoch), head) for owner, epoch, head in cursor.fetchall()}
