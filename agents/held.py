"""Whose hands runs are in, locked for the rest of a transaction. Plain SQL: every step of every run asks this."""

import json
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from agents.models import Run, RunState
from netra.core.heads import uuid

Holder = tuple[UUID, int]
"""A run's owner, and the attempt that may write."""


def holders(run_ids: set[UUID]) -> tuple[dict[UUID, Holder], set[UUID]]:
    """The running ones among these runs, locked, and those that somebody else has locked at this moment.

    On SQLite nobody else can: it has one writer at a time.
    """
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            wanted = json.dumps([run_id.hex for run_id in run_ids])
            return _rows(cursor, "id IN (SELECT value FROM json_each(%s))", wanted), set()
        ids = list(run_ids)
        found = _rows(cursor, "id = ANY(%s) ORDER BY id FOR UPDATE SKIP LOCKED", ids)
        if len(found) == len(run_ids):
            return found, set()
        # Skipped, or not running any more: seen without a lock, the former still are.
        skipped = _rows(cursor, "id = ANY(%s)", [each for each in ids if each not in found])
        return found, set(skipped)


def _rows(cursor: CursorWrapper, which: str, wanted: str | list[UUID]) -> dict[UUID, Holder]:
    table = Run._meta.db_table
    cursor.execute(
        f"SELECT id, owner_id, attempt FROM {table} WHERE state = %s AND {which}", [RunState.RUNNING.value, wanted]
    )
    return {uuid(run_id): (uuid(owner), attempt) for run_id, owner, attempt in cursor.fetchall()}
