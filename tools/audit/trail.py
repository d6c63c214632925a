"""Attempts become rows, each chained to the one before of the same user."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection, transaction

from netra.core.exceptions import Defect
from netra.core.heads import reserve
from tools.audit.attempt import Attempt
from tools.audit.digests import Subject, tool_named
from tools.audit.heads import Held, hold, move
from tools.audit.insert import insert
from tools.audit.keys import ChainKey, chain_key
from tools.audit.link import CENTS, Link, sealed
from tools.audit.subjects import made, subjects_of


def append_now(attempt: Attempt) -> None:
    """In a transaction of its own: an operator's act.

    The user's stream is held first, as the process's writer does it: so two never wait for each other in a circle.
    """
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            reserve(cursor, {attempt.user_id: 0})
        append_all([attempt])


def append_all(attempts: Sequence[Attempt]) -> None:
    """In the transaction that stores what came of them; the caller holds these users' streams.

    Three statements, however many attempts and users; a few more at a user's first.
    """
    if not connection.in_atomic_block:
        raise Defect("an attempt is audited in the transaction that stores what came of it; there is none")
    if not attempts:
        return
    actors = _actors(attempts)
    with connection.cursor() as cursor:
        held = hold(cursor, {each.user_id for each in attempts})
        links = _chained(attempts, held, actors)
        insert(cursor, links)
        move(cursor, {link.subject: (link.seq, link.mac) for link in links})


def _actors(attempts: Sequence[Attempt]) -> dict[UUID, Subject]:
    """Before any chain is held: to make somebody's subject may mean to wait for who is making it."""
    users = {each.actor_id for each in attempts if each.actor_id is not None}
    if not users:
        return {}
    found = subjects_of(users)
    missing = users - found.keys()
    return found | made(missing) if missing else found


def _chained(attempts: Sequence[Attempt], held: dict[UUID, Held], actors: dict[UUID, Subject]) -> list[Link]:
    """In the order in which they were given."""
    key, at = chain_key(), dict(held)
    links = []
    for attempt in attempts:
        before = at[attempt.user_id]
        link = sealed(_link(attempt, before, actors, key), key)
        at[attempt.user_id] = Held(before.subject, link.seq, link.mac)
        links.append(link)
    return links


def _link(attempt: Attempt, before: Held, actors: dict[UUID, Subject], key: ChainKey) -> Link:
    subject = before.subject
    return Link(
        subject=subject.name,
        seq=before.seq + 1,
        actor="" if attempt.actor_id is None else actors[attempt.actor_id].name,
        run="" if attempt.run_id is None else subject.run(attempt.run_id),
        agent=attempt.agent,
        tool=tool_named(attempt),
        arguments=subject.arguments(attempt),
        result=subject.result(attempt),
        rule=attempt.rule,
        rule_version=attempt.rule_version,
        outcome=attempt.outcome,
        code=attempt.code,
        duration_ms=round(attempt.duration_ms, 3),
        cost=attempt.cost.quantize(CENTS),
        at=attempt.at,
        key=key.name,
        previous=before.mac,
        mac="",
    )
