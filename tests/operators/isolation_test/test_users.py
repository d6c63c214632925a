"""The self-test's users are removed however it ends, and nobody else is."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from knox.models import AuthToken

from agents import threads
from core.models import Event, User
from operators.isolation_test.users import (
    RegistryEntry,
    list_registries,
    remove_abandoned_users,
    remove_user,
    temporary_users,
    write_registry,
)
from tests.support.live_server import ROOT, Served
from tests.support.patience import PATIENCE
from tests.support.running_worker import brought, log_file
from tests.support.workloads.uploaded_logs import files

pytestmark = pytest.mark.django_db(transaction=True)

COMMAND = """
import sys, os
os.environ["DJANGO_SETTINGS_MODULE"] = "netra.settings"
from django.conf import settings
settings.DATABASES["default"]["NAME"] = sys.argv[1]
import django
django.setup()
from django.core.management import call_command
call_command("isolation_selftest", users=2, seconds=60, url=sys.argv[2])
"""


def entry(user: User) -> RegistryEntry:
    return RegistryEntry(user_id=user.id, name=user.username)


def made(name: str) -> User:
    return User.objects.create(username=name, password=make_password(None))


def test_they_go_with_all_that_is_theirs(tmp_path: Path) -> None:
    with temporary_users(2, 1, tmp_path) as people:
        user = User.objects.get(id=people[0].user_id)
        assert not user.has_usable_password()
        brought(user, log_file(tmp_path / "bring", feature="x"), tmp_path)
        threads.create_thread(user.id, "a conversation")
        assert Event.objects.exists()
        assert len(list_registries(tmp_path)) == 1
    assert not User.objects.exists()
    assert not AuthToken.objects.exists()
    assert not Event.objects.exists()
    assert files(tmp_path) == ["bring/usage.csv"]


def test_they_go_when_it_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), temporary_users(2, 1, tmp_path):
        raise ZeroDivisionError
    assert not User.objects.exists()
    assert list_registries(tmp_path) == ()


def test_those_of_one_at_work_stay(tmp_path: Path) -> None:
    with temporary_users(2, 1, tmp_path):
        assert remove_abandoned_users(tmp_path) == 0
        assert User.objects.count() == 2


def test_whose_name_only_looks_like_it_stays(tmp_path: Path) -> None:
    """Whoever chose such a name, or is none of a self-test's any more, is somebody."""
    namesake, renamed, staff = (made(f"selftest-{each}") for each in ("0123456789ab", "renamed", "staff"))
    plain = made("plain")
    person = User.objects.create(username="selftest-person", password=make_password("correct horse battery"))
    former = entry(renamed)
    User.objects.filter(id=renamed.id).update(username="selftest-other")
    User.objects.filter(id=staff.id).update(is_staff=True)
    with write_registry(
        (former, entry(person), entry(plain), entry(staff), RegistryEntry(user_id=uuid4(), name=namesake.username)),
        tmp_path,
    ):
        pass
    assert remove_abandoned_users(tmp_path) == 5
    assert User.objects.count() == 5


def test_removing_twice_is_removing_once(tmp_path: Path) -> None:
    with temporary_users(1, 1, tmp_path) as people:
        mine = RegistryEntry(user_id=people[0].user_id, name=people[0].name)
        remove_user(mine, tmp_path)
        remove_user(mine, tmp_path)
    assert not User.objects.exists()


@contextmanager
def at_work(server: Served) -> Iterator[subprocess.Popen[bytes]]:
    """A self-test in a process of its own, in the midst of its storm. What it says stands beside a failure."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(connection.settings_dict["NAME"]), server.origin],
        cwd=ROOT,
        env={**os.environ, "NETRA_DATA_DIR": str(server.data_dir)},
    )
    try:
        until = time.monotonic() + PATIENCE
        while not Event.objects.filter(type="run_queued").exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.2)
        yield process
    finally:
        process.kill()  # where it has not ended, the next test would meet its users
        process.wait()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_process_that_is_stopped_leaves_nobody_for_long(server: Served, how: signal.Signals) -> None:
    before = files(server.data_dir)
    with at_work(server) as process:
        process.send_signal(how)
        process.wait(timeout=PATIENCE)
    if how == signal.SIGKILL:
        assert User.objects.count() == 2
        assert remove_abandoned_users(server.data_dir) == 2
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert list_registries(server.data_dir) == ()
    until = time.monotonic() + PATIENCE
    while files(server.data_dir) != before:  # a worker may be stopping its run
        assert time.monotonic() < until, files(server.data_dir)
        time.sleep(0.2)
