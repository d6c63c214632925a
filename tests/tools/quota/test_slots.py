"""A user's quota of a tool, counted in the database: by the minute and at once, exactly, whoever asks from wherever."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection, connections
from django.db.models import F

from core.exceptions import NotFound
from tests.conftest import People
from tests.tools.quota.races import at_once, from_two_processes
from tools.quota import slots
from tools.quota.models import Slot
from tools.quota.slots import ExpiredSlots, QuotaExceeded, release_slots, take_slot

pytestmark = pytest.mark.django_db

TOOL = "estimate_lever"
EXACTLY_TEN = Counter(ok=10, quota_exceeded=40)


def take(user_id: UUID, per_minute: int | None = None, at_once: int | None = None, tool: str = TOOL) -> UUID:
    slot = take_slot(user_id, tool, per_minute=per_minute, at_once=at_once, seconds=60)
    assert slot is not None
    return slot


def ten_a_minute(user_id: str) -> None:
    release_slots([take(UUID(user_id), per_minute=10)])


def ten_at_once(user_id: str) -> None:
    take(UUID(user_id), at_once=10)


def later(seconds: float) -> None:
    """So much time passes for every slot."""
    by = timedelta(seconds=seconds)
    Slot.objects.update(taken_at=F("taken_at") - by, expires_at=F("expires_at") - by)


def test_without_a_bound_nothing_is_counted(people: People, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert take_slot(people.owner.id, TOOL, per_minute=None, at_once=None, seconds=60) is None


def test_a_rate_covers_the_last_sixty_seconds(people: People) -> None:
    release_slots([take(people.owner.id, per_minute=2)])
    later(40)
    release_slots([take(people.owner.id, per_minute=2)])
    with pytest.raises(QuotaExceeded, match="2 calls of estimate_lever per minute. Try again in 20 s") as refused:
        take(people.owner.id, per_minute=2)
    assert refused.value.code == "quota_exceeded"
    assert refused.value.retry_after == pytest.approx(20, abs=1)
    later(21)
    take(people.owner.id, per_minute=2)
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, per_minute=2)


def test_a_lowered_limit_reports_when_a_slot_is_free(people: People) -> None:
    for _ in range(3):
        take(people.owner.id, per_minute=3)
        later(10)
    with pytest.raises(QuotaExceeded) as refused:
        take(people.owner.id, per_minute=1)
    assert refused.value.retry_after == pytest.approx(50, abs=1)


def test_a_released_slot_is_free_at_once(people: People) -> None:
    slots = [take(people.owner.id, at_once=2) for _ in range(2)]
    with pytest.raises(QuotaExceeded, match="2 calls of estimate_lever at a time"):
        take(people.owner.id, at_once=2)
    release_slots(slots[:1])
    release_slots(slots[:1])
    take(people.owner.id, at_once=2)
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, at_once=2)


def test_a_crashed_worker_s_slot_expires(people: People) -> None:
    take(people.owner.id, at_once=1)
    later(80)  # its call has at most 60 s, its end 30 s more
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, at_once=1)
    later(15)
    take(people.owner.id, at_once=1)


def test_a_quota_of_zero_refuses_all_calls(people: People) -> None:
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, per_minute=0)
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, at_once=0)


def test_each_user_and_tool_has_its_own_count(people: People) -> None:
    take(people.owner.id, per_minute=1, at_once=1)
    take(people.neighbour.id, per_minute=1, at_once=1)
    take(people.owner.id, per_minute=1, at_once=1, tool="write_report")
    with pytest.raises(QuotaExceeded):
        take(people.owner.id, per_minute=1)


def test_a_refused_call_does_not_count(people: People) -> None:
    take(people.owner.id, per_minute=1)
    for _ in range(5):
        with pytest.raises(QuotaExceeded):
            take(people.owner.id, per_minute=1)
    later(61)
    take(people.owner.id, per_minute=1)


def test_counting_takes_few_statements_and_keeps_no_history(people: People, django_assert_num_queries: Any) -> None:
    for _ in range(20):
        release_slots([take(people.owner.id, per_minute=1000)])
    later(61)
    take(people.owner.id, per_minute=1000)
    assert Slot.objects.for_user(people.owner.id).count() == 1
    # Two for the transaction; on PostgreSQL also the lock, whose it is, and within the test's own transaction whose it
    # was, and after it nobody's.
    with django_assert_num_queries(8 if connection.vendor == "postgresql" else 4):
        take(people.owner.id, per_minute=1000, at_once=1000)
    with django_assert_num_queries(0):
        release_slots([])


def test_expired_slots_are_removed(people: People) -> None:
    held, given = take(people.owner.id, at_once=5), take(people.owner.id, at_once=5)
    release_slots([given])
    later(61)
    past = ExpiredSlots(now=datetime.now(UTC))
    assert past.find().count == past.remove().count == 1
    assert list(Slot.objects.values_list("id", flat=True)) == [held]
    later(61)
    assert ExpiredSlots(now=datetime.now(UTC)).remove().count == 1


@pytest.mark.django_db(transaction=True)
def test_a_deleted_user_takes_no_slot(people: People) -> None:
    if connection.vendor == "postgresql":
        with pytest.raises(NotFound):
            take(uuid4(), per_minute=1)
    assert not Slot.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nobody_counts_while_another_is_about_to_take_a_slot(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    count, outcomes = slots._count_usage, []

    def try_to_take() -> str:
        with connection.cursor() as cursor:  # not to wait for the other
            on_postgresql = connection.vendor == "postgresql"
            cursor.execute("SET lock_timeout = '10ms'" if on_postgresql else "PRAGMA busy_timeout = 0")
        try:
            take(people.owner.id, at_once=1)
        except OperationalError:
            return "would have to wait"
        finally:
            connections.close_all()
        return "taken"

    def count_and_let_another_try(*arguments: Any) -> Any:
        usage = count(*arguments)
        monkeypatch.setattr(slots, "_count_usage", count)
        with ThreadPoolExecutor(1) as pool:
            outcomes.append(pool.submit(try_to_take).result())
        return usage

    monkeypatch.setattr(slots, "_count_usage", count_and_let_another_try)
    take(people.owner.id, at_once=1)
    assert outcomes == ["would have to wait"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", [ten_a_minute, ten_at_once])
def test_of_fifty_concurrent_calls_exactly_ten_get_a_slot(people: People, work: Callable[[str], None]) -> None:
    assert Counter(at_once(50, lambda: work(str(people.owner.id)))) == EXACTLY_TEN


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_across_two_processes(people: People) -> None:
    assert Counter(from_two_processes(50, ten_a_minute, str(people.owner.id))) == EXACTLY_TEN
