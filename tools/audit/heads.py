"""The heads of subjects' chains, held for as long as the transaction lasts. Plain SQL, one statement for many users:
every step of every run comes through here."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from netra.core.heads import key, uuid
from tools.audit.digests import Subject
from tools.audit.models import AuditHead, AuditSubject
from tools.audit.subjects import made


@dataclass(frozen=True, slots=True)
class Held:
    """Where a user's chain stands."""

    subject: Subject
    seq: int
    mac: str


# In the order of their keys, so that two who hold several cannot wait for each other.
WANTED = """
SELECT s.owner_id, s.subject, s.key, h.seq, h.mac FROM {subjects} s JOIN {heads} h ON h.subject = s.subject
WHERE s.owner_id IN ({users}) ORDER BY h.subject {lock}
"""
ON_SQLITE = """
WITH moved AS (
    SELECT json_extract(value, '$[0]') AS subject, json_extract(value, '$[1]') AS seq,
        json_extract(value, '$[2]') AS mac FROM json_each(%s)
)
UPDATE {heads} SET seq = moved.seq, mac = moved.mac FROM moved WHERE {heads}.subject = moved.subject
"""
ON_POSTGRESQL = """
UPDATE {heads} h SET seq = m.seq, mac = m.mac
FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS m (subject, seq, mac) WHERE h.subject = m.subject
"""


def hold(cursor: CursorWrapper, user_ids: Iterable[UUID]) -> dict[UUID, Held]:
    """The heads of these users, made where there are none. Nobody else moves them on before the transaction ends."""
    users = set(user_ids)
    found = _held(cursor, users)
    if missing := users - found.keys():
        made(missing)
        found |= _held(cursor, missing)
    return found


def _held(cursor: CursorWrapper, users: set[UUID]) -> dict[UUID, Held]:
    sql = WANTED.format(
        subjects=AuditSubject._meta.db_table,
        heads=AuditHead._meta.db_table,
        users=", ".join(["%s"] * len(users)),
        # On SQLite there is one writer at a time.
        lock="FOR UPDATE OF h" if connection.vendor == "postgresql" else "",
    )
    cursor.execute(sql, [key(user) for user in users])
    return {
        uuid(owner): Held(Subject(name, bytes.fromhex(secret)), seq, mac)
        for owner, name, secret, seq, mac in cursor.fetchall()
    }


def move(cursor: CursorWrapper, moved: Mapping[str, tuple[int, str]]) -> None:
    """Each subject's head to a number and a mac."""
    rows: Sequence[tuple[str, int, str]] = [(subject, seq, mac) for subject, (seq, mac) in moved.items()]
    if connection.vendor == "postgresql":
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(ON_POSTGRESQL.format(heads=AuditHead._meta.db_table), columns)
    else:
        cursor.execute(ON_SQLITE.format(heads=AuditHead._meta.db_table), [json.dumps(rows)])
