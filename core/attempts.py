"""Attempt counters in the database, shared by all processes and hosts and exact under concurrency.

An attempt is counted before it is made and refunded if it succeeds, so that of a thousand simultaneous guesses no more
than the limit are made."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection, transaction

from core.models import AttemptCount

_INCREMENT = """
INSERT INTO core_attemptcount (key, subject, expires, count) VALUES (%s, %s, %s, 1)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN core_attemptcount.expires <= %s THEN 1 ELSE core_attemptcount.count + 1 END,
    expires = CASE WHEN core_attemptcount.expires <= %s THEN excluded.expires ELSE core_attemptcount.expires END
RETURNING count
"""
_DECREMENT = "UPDATE core_attemptcount SET count = count - 1 WHERE key = %s AND count > 0"
EXPIRED_BATCH = 200  # expired counters that are deleted when a new one is made


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptLimit:
    """At most `max_attempts` within `seconds` from the first one. `name` distinguishes it from other limits."""

    name: str
    max_attempts: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptCounter:
    """One count of a limit.

    `subject` is whose attempts are counted, and can be reset together; `partition` separates them further, for instance
    by address.
    """

    limit: AttemptLimit
    subject: str
    partition: str = ""

    @property
    def key(self) -> str:
        return _hash(f"{self.limit.name}\n{self.subject}\n{self.partition}")


def count_attempt(counters: Sequence[AttemptCounter]) -> bool:
    """Count an attempt in all counters, or in none if one of the limits is reached: then it must not be made.

    Callers name narrow counters before wide ones, so that two of them can't deadlock.
    """
    now = int(time.time())
    is_new = False
    with transaction.atomic():
        for counter in counters:
            count = _increment(counter, now)
            is_new = is_new or count == 1
            if count > counter.limit.max_attempts:
                transaction.set_rollback(True)
                return False
    if is_new:
        delete_expired_counters(now, EXPIRED_BATCH)
    return True


def refund_attempt(counters: Sequence[AttemptCounter]) -> None:
    """Take back an attempt that succeeded."""
    with transaction.atomic(), connection.cursor() as cursor:
        for counter in counters:
            cursor.execute(_DECREMENT, [counter.key])


def reset_attempts(subject: str | None = None) -> int:
    """Delete the counters of a subject, or with None all. Returns how many there were."""
    rows = AttemptCount.objects.all() if subject is None else AttemptCount.objects.filter(subject=_hash(subject))
    return rows.delete()[0]


def delete_expired_counters(now: int, limit: int) -> int:
    """Delete expired counters, except those that are locked by an attempt at this moment: waiting for them could
    deadlock."""
    expired = AttemptCount.objects.filter(expires__lte=now).order_by("expires")
    with transaction.atomic():
        keys = list(expired.select_for_update(skip_locked=True).values_list("key", flat=True)[:limit])
        return AttemptCount.objects.filter(key__in=keys, expires__lte=now).delete()[0]


def _increment(counter: AttemptCounter, now: int) -> int:
    with connection.cursor() as cursor:
        expires = now + counter.limit.seconds
        cursor.execute(_INCREMENT, [counter.key, _hash(counter.subject), expires, now, now])
        count: int = cursor.fetchone()[0]
    return count


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
