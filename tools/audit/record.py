"""Recording of attempts: each becomes a row, chained to the user's row before it."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from core.db import as_writer, to_uuid, to_uuid_param
from core.exceptions import Defect
from core.stream.append import reserve_numbers
from tools.audit.attempts import CallAttempt, SubjectKey, get_audited_tool
from tools.audit.chain import COST_PRECISION, LINK_COLUMNS, ChainKey, ChainLink, get_chain_key, seal_link
from tools.audit.models import AuditHead, AuditRow, AuditSubject

ROWS_PER_INSERT = 1_000  # SQLite takes 32,766 parameters in one statement


def load_subjects(user_ids: Iterable[UUID]) -> dict[UUID, SubjectKey]:
    """Return the subjects of those users who have one."""
    found = AuditSubject.objects.filter(owner_id__in=list(user_ids)).values_list("owner_id", "subject", "key")
    return {owner: SubjectKey(name, bytes.fromhex(key)) for owner, name, key in found}


def ensure_subjects(user_ids: Iterable[UUID]) -> dict[UUID, SubjectKey]:
    """Return the subjects of all these users, created with their heads if need be.

    In the order of their keys, so that two transactions that create several cannot wait for each other.
    """
    users = sorted(user_ids)
    rows = [AuditSubject(owner_id=user, subject=uuid4().hex, key=secrets.token_hex(32)) for user in users]
    AuditSubject.objects.bulk_create(rows, ignore_conflicts=True)
    subjects = load_subjects(users)
    names = sorted(subject.name for subject in subjects.values())
    AuditHead.objects.bulk_create([AuditHead(subject=name) for name in names], ignore_conflicts=True)
    return subjects


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last row of a user's chain: its number and its MAC."""

    subject: SubjectKey
    seq: int
    mac: str


# In the order of their keys, so that two transactions that lock several heads cannot wait for each other.
SELECT_HEADS = """
SELECT s.owner_id, s.subject, s.key, h.seq, h.mac FROM {subjects} s JOIN {heads} h ON h.subject = s.subject
WHERE s.owner_id IN ({users}) ORDER BY h.subject {lock}
"""
UPDATE_HEADS_ON_SQLITE = """
WITH moved AS (
    SELECT json_extract(value, '$[0]') AS subject, json_extract(value, '$[1]') AS seq,
        json_extract(value, '$[2]') AS mac FROM json_each(%s)
)
UPDATE {heads} SET seq = moved.seq, mac = moved.mac FROM moved WHERE {heads}.subject = moved.subject
"""
UPDATE_HEADS_ON_POSTGRESQL = """
UPDATE {heads} h SET seq = m.seq, mac = m.mac
FROM unnest(%s::text[], %s::bigint[], %s::text[]) AS m (subject, seq, mac) WHERE h.subject = m.subject
"""


def lock_heads(cursor: CursorWrapper, user_ids: Iterable[UUID]) -> dict[UUID, ChainHead]:
    """Lock the heads of these users until the transaction ends, and return them. Create those that are missing."""
    users = set(user_ids)
    found = _select_heads(cursor, users)
    if missing := users - found.keys():
        ensure_subjects(missing)
        found |= _select_heads(cursor, missing)
    return found


def _select_heads(cursor: CursorWrapper, users: set[UUID]) -> dict[UUID, ChainHead]:
    sql = SELECT_HEADS.format(
        subjects=AuditSubject._meta.db_table,
        heads=AuditHead._meta.db_table,
        users=", ".join(["%s"] * len(users)),
        # On SQLite there is one writer at a time.
        lock="FOR UPDATE OF h" if connection.vendor == "postgresql" else "",
    )
    cursor.execute(sql, [to_uuid_param(user) for user in users])
    return {
        to_uuid(owner): ChainHead(SubjectKey(name, bytes.fromhex(secret)), seq, mac)
        for owner, name, secret, seq, mac in cursor.fetchall()
    }


def advance_heads(cursor: CursorWrapper, advanced: Mapping[str, tuple[int, str]]) -> None:
    """Set each subject's head to a number and a MAC."""
    rows: Sequence[tuple[str, int, str]] = [(subject, seq, mac) for subject, (seq, mac) in advanced.items()]
    if connection.vendor == "postgresql":
        columns = [list(column) for column in zip(*rows, strict=True)]
        cursor.execute(UPDATE_HEADS_ON_POSTGRESQL.format(heads=AuditHead._meta.db_table), columns)
    else:
        cursor.execute(UPDATE_HEADS_ON_SQLITE.format(heads=AuditHead._meta.db_table), [json.dumps(rows)])


def insert_links(cursor: CursorWrapper, links: Sequence[ChainLink]) -> None:
    row = f"({', '.join(['%s'] * len(LINK_COLUMNS))})"
    columns = ", ".join(connection.ops.quote_name(name) for name in LINK_COLUMNS)
    table = AuditRow._meta.db_table
    to_column_value = _to_postgresql_value if connection.vendor == "postgresql" else _to_sqlite_value
    for start in range(0, len(links), ROWS_PER_INSERT):
        batch = links[start : start + ROWS_PER_INSERT]
        values = [to_column_value(value) for link in batch for value in link.values()]
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES {', '.join([row] * len(batch))}", values)


def _to_postgresql_value(value: Any) -> Any:
    return value


def _to_sqlite_value(value: Any) -> Any:
    """Return the value as Django stores it: times and decimals are texts."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    return str(value) if isinstance(value, Decimal) else value


def commit_attempt(attempt: CallAttempt) -> None:
    """Record an attempt in a transaction of its own, as for what an operator does.

    The user's stream is locked first, as the stream's writer does it, so that two never wait for each other.
    """
    with transaction.atomic(durable=True), as_writer():
        with connection.cursor() as cursor:
            reserve_numbers(cursor, {attempt.user_id: 0})
        append_attempts([attempt])


def append_attempts(attempts: Sequence[CallAttempt]) -> None:
    """Record attempts in the transaction that stores their outcomes. The caller has locked these users' streams.

    Three statements, however many attempts and users, and a few more at a user's first attempt.
    """
    if not connection.in_atomic_block:
        raise Defect("attempts must be recorded in the transaction that stores their outcomes; there is none")
    if not attempts:
        return
    actors = _ensure_actors(attempts)
    with connection.cursor() as cursor:
        heads = lock_heads(cursor, {attempt.user_id for attempt in attempts})
        links = _chain_attempts(attempts, heads, actors)
        insert_links(cursor, links)
        advance_heads(cursor, {link.subject: (link.seq, link.mac) for link in links})


def _ensure_actors(attempts: Sequence[CallAttempt]) -> dict[UUID, SubjectKey]:
    """Return the operators' subjects. Before any head is locked, as creating a subject may wait for another creator."""
    users = {attempt.actor_id for attempt in attempts if attempt.actor_id is not None}
    if not users:
        return {}
    found = load_subjects(users)
    missing = users - found.keys()
    return found | ensure_subjects(missing) if missing else found


def _chain_attempts(
    attempts: Sequence[CallAttempt], heads: dict[UUID, ChainHead], actors: dict[UUID, SubjectKey]
) -> list[ChainLink]:
    """Return the attempts as links, in the same order."""
    key, current = get_chain_key(), dict(heads)
    links = []
    for attempt in attempts:
        head = current[attempt.user_id]
        link = seal_link(_build_link(attempt, head, actors, key), key)
        current[attempt.user_id] = ChainHead(head.subject, link.seq, link.mac)
        links.append(link)
    return links


def _build_link(attempt: CallAttempt, head: ChainHead, actors: dict[UUID, SubjectKey], key: ChainKey) -> ChainLink:
    subject = head.subject
    return ChainLink(
        subject=subject.name,
        seq=head.seq + 1,
        actor="" if attempt.actor_id is None else actors[attempt.actor_id].name,
        run="" if attempt.run_id is None else subject.digest_run(attempt.run_id),
        agent=attempt.agent,
        tool=get_audited_tool(attempt),
        arguments=subject.digest_arguments(attempt),
        result=subject.digest_result(attempt),
        rule=attempt.rule,
        rule_version=attempt.rule_version,
        outcome=attempt.outcome,
        code=attempt.code,
        duration_ms=round(attempt.duration_ms, 3),
        cost=attempt.cost.quantize(COST_PRECISION),
        at=attempt.at,
        key=key.name,
        previous=head.mac,
        mac="",
    )
