"""Transactions that the database gave up because of another one, full disks, and rows by owner."""

import errno
import threading
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core import db
from core.db import MAX_TRIES, is_disk_full_error, retry_on_conflict
from core.exceptions import Conflict
from core.models import Event, User
from tests.conftest import People
from tests.support.gates import threads


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "RETRY_PAUSE", 0)


class DriverError(Exception):
    """As a driver raises it."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def failing(times: int, sqlstate: str, kind: type[Exception] = OperationalError) -> tuple[Any, list[int]]:
    """A transaction that fails so often, and the calls that were made."""
    calls: list[int] = []

    @retry_on_conflict
    def work(answer: int) -> int:
        calls.append(answer)
        if len(calls) <= times:
            raise kind("it was given up") from DriverError(sqlstate)
        return answer

    return work, calls


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("sqlstate", "kind"), [("40P01", OperationalError), ("40001", OperationalError), ("23503", IntegrityError)]
)
def test_an_aborted_transaction_is_retried(sqlstate: str, kind: type[Exception]) -> None:
    work, calls = failing(MAX_TRIES - 1, sqlstate, kind)
    assert (work(7), len(calls)) == (7, MAX_TRIES)


@pytest.mark.django_db(transaction=True)
def test_retries_are_limited(caplog: pytest.LogCaptureFixture) -> None:
    """Who asked is told so in their words, and may try again."""
    work, calls = failing(MAX_TRIES, "40P01")
    with pytest.raises(Conflict, match="Try again"):
        work(7)
    assert len(calls) == len(caplog.records) == MAX_TRIES


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("sqlstate", "kind"), [("23505", IntegrityError), ("57P01", OperationalError)])
def test_a_permanent_error_is_not_retried(sqlstate: str, kind: type[Exception]) -> None:
    work, calls = failing(1, sqlstate, kind)
    with pytest.raises(kind):
        work(7)
    assert len(calls) == 1


@pytest.mark.django_db
def test_a_savepoint_is_not_retried() -> None:
    work, calls = failing(1, "40P01")
    with pytest.raises(OperationalError):
        work(7)
    assert len(calls) == 1


@pytest.mark.django_db(transaction=True)
def test_both_transactions_of_a_deadlock_finish(people: People) -> None:
    """On PostgreSQL; on SQLite the second begins when the first has ended."""
    met = threading.Barrier(2)
    tries: list[str] = []

    @retry_on_conflict
    def both(first: User, second: User) -> None:
        with transaction.atomic():
            tries.append(first.username)
            User.objects.filter(id=first.id).update(display_name=first.username)
            if connection.vendor == "postgresql" and len(tries) <= 2:
                met.wait(60)  # now each has what the other wants
            User.objects.filter(id=second.id).update(display_name=first.username)

    with threads() as begin:
        ends = [
            begin(lambda: both(people.owner, people.neighbour)),
            begin(lambda: both(people.neighbour, people.owner)),
        ]
        assert [end.result(60) for end in ends] == [None, None]
    # A transaction that is tried again may meet the other once more.
    assert len(tries) >= 3 if connection.vendor == "postgresql" else len(tries) == 2


@pytest.mark.parametrize(
    ("error", "is_full"),
    [
        (OSError(errno.ENOSPC, "no room"), True),
        (OperationalError("database or disk is full"), True),
        (OperationalError("database is locked"), False),
        (ValueError("disk is full"), False),
    ],
)
def test_a_full_disk_is_recognized_by_what_the_database_or_the_system_says(error: Exception, is_full: bool) -> None:
    assert is_disk_full_error(error) is is_full


@pytest.mark.parametrize(
    ("state", "is_away"),
    [
        (None, True),
        ("08006", True),
        ("57P01", True),
        ("57P03", True),
        ("53300", True),
        ("25P03", True),
        ("57014", False),
        ("40P01", False),
    ],
)
def test_a_database_that_is_away_is_told_from_one_that_refuses(
    monkeypatch: pytest.MonkeyPatch, state: str | None, is_away: bool
) -> None:
    error = OperationalError("whatever it says")
    error.__cause__ = None if state is None else DriverError(state)
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="postgresql"))
    assert db.is_database_away(error) is is_away
    assert not db.is_database_away(IntegrityError("no connection"))
    monkeypatch.setattr(db, "connection", SimpleNamespace(vendor="sqlite"))
    assert not db.is_database_away(error), "a locked file is somebody's bug"


def test_postgresql_reports_a_full_disk_by_its_code() -> None:
    error = OperationalError("could not extend file")
    error.__cause__ = DriverError(db.DISK_FULL)
    assert is_disk_full_error(error)


@pytest.mark.django_db
def test_owned_rows_are_read_page_by_page_and_only_the_users(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "ROWS_PER_READ", 2)
    for owner, count in ((people.owner, 5), (people.neighbour, 1)):
        for seq in range(1, count + 1):
            fields: dict[str, Any] = {"type": "run_queued", "payload": {}, "at": datetime.now(UTC)}
            Event.objects.create(owner=owner, epoch=uuid4(), seq=seq, run_id=uuid4(), **fields)
    rows = list(db.iter_owned_rows(Event, people.owner.id))
    assert sorted((row["owner_id"], row["seq"]) for row in rows) == [(people.owner.id, n) for n in range(1, 6)]
    assert Event in db.list_owned_models()
    assert (Event, "owner_id") in db.iter_user_foreign_keys()
