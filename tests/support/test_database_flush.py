"""Between two tests: the database is emptied whatever a server is doing to it (tests/support/database_flush.py)."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import OperationalError, ProgrammingError, connection, transaction

from core.models import User
from tests.support.database_flush import TIMES, patient, put_back, read_rows
from tests.support.patience import PATIENCE


def flush() -> None:
    call_command("flush", verbosity=0, interactive=False)


def tables() -> list[str]:
    """In the order in which a flush takes them."""
    return connection.introspection.django_table_names(only_existing=True, include_views=False)


def look_into(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{table}"')


def somebody_waits() -> bool:
    if connection.vendor == "sqlite":  # one lock for everything, so nobody waits in a circle
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone() != (0,))


def working(begun: Event) -> None:
    """A server's transaction: it has the flush's last table, and wants its first."""
    first, *_, last = tables()
    try:
        with transaction.atomic():
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:  # so that it is the flush that is ended
                    cursor.execute("SET LOCAL deadlock_timeout = '20s'")
            look_into(last)
            begun.set()
            while not somebody_waits():
                time.sleep(0.02)
            look_into(first)
    finally:
        connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_server_at_work_does_not_keep_the_database_from_being_emptied() -> None:
    User.objects.create(username="of the last test")
    begun = Event()
    with ThreadPoolExecutor(1) as pool:
        server = pool.submit(working, begun)
        assert begun.wait(PATIENCE)
        patient(flush)
        server.result(timeout=PATIENCE)
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_what_migrations_leave_is_there_again_and_nothing_else() -> None:
    before = read_rows()
    User.objects.create(username="of the last test")
    Group.objects.all().delete()
    put_back(before)
    assert read_rows() == before
    flush()  # as Django does it: the same, but for the numbers of the rows
    assert [(rows.table, len(rows.values)) for rows in read_rows()] == [
        (rows.table, len(rows.values)) for rows in before
    ]
    assert "auth_group" in [rows.table for rows in before]


def failing(error: Exception, cause: Exception | None, asked: list[int]) -> None:
    asked.append(1)
    raise error from cause


def test_what_stays_locked_is_told() -> None:
    asked: list[int] = []
    with pytest.raises(CommandError, match="flush"):
        patient(lambda: failing(CommandError("no flush"), OperationalError("deadlock detected"), asked))
    assert len(asked) == TIMES


def test_what_is_simply_wrong_is_told_at_once() -> None:
    asked: list[int] = []
    with pytest.raises(CommandError, match="flush"):
        patient(lambda: failing(CommandError("no flush"), ProgrammingError("no such table"), asked))
    assert len(asked) == 1
