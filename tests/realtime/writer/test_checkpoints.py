"""Deleted data is not left in SQLite's files, neither in the database's own nor in its log."""

import sqlite3
import time
from contextlib import closing

import pytest
from django.db import connection, transaction

from core.models import User
from realtime.writer import checkpoints
from realtime.writer.checkpoints import Checkpointer, disable_busy_timeout
from realtime.writer.checkpoints import checkpoint as checkpoints_checkpoint
from tests.support.database_files import find_in_database_files
from tests.support.gates import threads
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
CANARY = "kanarienvogel"


@pytest.fixture(autouse=True)
def on_sqlite() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL overwrites by its own vacuum")


def name() -> str:
    return str(connection.settings_dict["NAME"])


def holding() -> list[str]:
    return find_in_database_files(CANARY)


def users(count: int = 300) -> None:
    with transaction.atomic():
        for number in range(count):
            User.objects.create(username=f"{number}-{CANARY}")


def checkpoint() -> None:
    def once() -> None:
        disable_busy_timeout()
        checkpoints_checkpoint()

    with threads() as begin:
        begin(once).result(60)


def test_deleted_data_is_removed_from_idle_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "INTERVAL_SECONDS", 0.01)
    users()
    assert holding()
    User.objects.all().delete()
    process = Checkpointer()
    process.start()
    try:
        until = time.monotonic() + PATIENCE
        while holding() and time.monotonic() < until:
            pass
    finally:
        process.stop()
    assert holding() == []


def test_a_checkpoint_does_not_wait_for_readers() -> None:
    users()
    with closing(sqlite3.connect(name(), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM core_user").fetchone()
        User.objects.all().delete()
        checkpoint()  # it comes back at once
        assert holding()
        User.objects.create(username="after")  # nor is this kept waiting
    checkpoint()
    assert holding() == []
    assert [user.username for user in User.objects.all()] == ["after"]


def test_the_log_is_not_emptied_during_writes() -> None:
    users(3)
    with closing(sqlite3.connect(name(), isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        checkpoint()
        writer.execute("ROLLBACK")
    assert User.objects.count() == 3
