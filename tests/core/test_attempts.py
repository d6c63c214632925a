"""Counters of attempts, as several processes use them at once."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.db import connection, transaction

from core.attempts import AttemptCounter, AttemptLimit, count_attempt, delete_expired_counters
from core.models import AttemptCount

COUNTERS = [
    AttemptCounter(limit=AttemptLimit(name="swept", max_attempts=9, seconds=1), subject="s", partition=by)
    for by in ("a", "b")
]


@pytest.mark.django_db(transaction=True)
def test_pruning_does_not_wait_for_counting() -> None:
    assert count_attempt(COUNTERS)
    later = int(time.time()) + 10
    counting: AbstractContextManager[None] = nullcontext()
    if connection.vendor == "postgresql":  # SQLite has one writer at a time, so nobody counts while another sweeps
        counting = transaction.atomic()
    with ThreadPoolExecutor(1) as other:

        def sweep() -> int:
            try:
                with connection.cursor() as cursor:
                    if connection.vendor == "postgresql":
                        cursor.execute("SET lock_timeout = '1s'")
                return delete_expired_counters(later, 10)
            finally:
                connection.close()

        with counting:
            if connection.vendor == "postgresql":
                AttemptCount.objects.select_for_update().get(key=COUNTERS[1].key)
            swept = other.submit(sweep).result()
    left = [each.key for each in AttemptCount.objects.all()]
    assert (swept, left) == ((1, [COUNTERS[1].key]) if connection.vendor == "postgresql" else (2, []))
