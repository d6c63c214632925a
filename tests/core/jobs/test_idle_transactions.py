"""What a frozen process has locked: its transaction is ended, and the recovery of others' jobs does not wait for it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, InternalError, connection, transaction

from core.checks import check_idle_transactions
from core.concurrency.database_threads import running_database_threads
from core.db import is_database_away
from core.jobs.job import Job
from core.jobs.settlement import recover_lost
from core.models import User
from tests.conftest import People
from tests.core.jobs.engines import build_idle_kind, enqueue, open_engine
from tests.support.gates import Gate, threads
from tests.support.product_role import as_product

pytestmark = pytest.mark.django_db(transaction=True)

LIMIT = "idle_in_transaction_session_timeout"


def limit_idling(milliseconds: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET {LIMIT} = {milliseconds}")


@pytest.fixture(autouse=True)
def new_session() -> Iterator[None]:
    """What a test sets stays in its session."""
    yield
    connection.close()


def stay_idle() -> None:
    """Until the database ends the session, and then execute a statement."""
    limit_idling(20)
    with as_product(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (session,) = cursor.fetchone()
        with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
            while other.execute("SELECT 1 FROM pg_stat_activity WHERE pid = %s", [session]).fetchone():
                other.execute("SELECT pg_sleep(0.02)")
        cursor.execute("SELECT 1")


def test_a_transaction_that_is_ended_because_it_is_idle_counts_as_a_database_that_is_away() -> None:
    with pytest.raises(DatabaseError) as caught:
        stay_idle()
    assert is_database_away(caught.value)


def test_the_thread_whose_transaction_was_ended_goes_on_with_another_session() -> None:
    async def play() -> int:
        async with running_database_threads(1) as database:
            with pytest.raises(DatabaseError):
                await database.run("somebody", stay_idle)
            return await database.run("somebody", User.objects.count)

    assert asyncio.run(play()) == 0


def test_an_internal_error_of_another_kind_is_a_defect() -> None:
    error = InternalError("what the driver says")
    error.__cause__ = psycopg.errors.InFailedSqlTransaction("what it says")
    assert not is_database_away(error)


def test_a_lost_job_whose_rows_are_locked_does_not_keep_the_others_waiting(people: People) -> None:
    engine = open_engine()
    for number, key in enumerate(("locked", "free")):
        enqueue(engine, Job(kind="work", key=key, owner=UUID(int=number), lock=key))
        assert engine.claim("one", ["work"])
    engine.freeze("one")
    gate = Gate()

    def freeze() -> None:
        with transaction.atomic():
            User.objects.select_for_update().get(id=people.owner.id)
            gate.pass_through()

    def requeue(job: Job) -> bool:
        return job.key == "free" or User.objects.select_for_update().filter(id=people.owner.id).exists()

    kind = replace(build_idle_kind("work"), requeue=requeue)
    with threads() as begin:
        frozen = begin(freeze)
        gate.reached.wait()
        assert [each.job.key for each in recover_lost(engine.queue, {"work": kind})] == ["free"]
        gate.opened.set()
        frozen.result()
    assert [each.job.key for each in recover_lost(engine.queue, {"work": kind})] == ["locked"]


def test_the_check_asks_for_a_limit_that_ends_before_jobs_are_recovered() -> None:
    with as_product():
        for milliseconds, found in ((0, ["netra.W029"]), (60_000, ["netra.W029"]), (5_000, [])):
            limit_idling(milliseconds)
            assert [each.id for each in check_idle_transactions(databases=["default"])] == found
        assert check_idle_transactions(databases=None) == []
