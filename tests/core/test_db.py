"""Transactions that the database gave up because of another one."""

import threading
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from core import db
from core.db import MAX_TRIES, retry_on_conflict
from core.exceptions import Conflict
from core.models import User
from tests.conftest import People
from tests.support.gates import threads


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "RETRY_PAUSE", 0)


class Given(Exception):
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
            raise kind("it was given up") from Given(sqlstate)
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
    assert len(tries) == (3 if connection.vendor == "postgresql" else 2)
