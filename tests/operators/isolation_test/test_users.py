"""The temporary users are removed however an isolation test ends, and nobody else is."""

import os
import signal
import subprocess
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
from core.stream.append import publish_to_nobody
from operators.isolation_test.users import (
    RegistryEntry,
    list_registries,
    remove_abandoned_users,
    remove_user,
    temporary_users,
    write_registry,
)
from tests.support.live_server import ROOT, LiveServer
from tests.support.patience import PATIENCE
from tests.support.python_processes import start_python
from tests.support.running_worker import import_log, log_file
from tests.support.workloads.uploaded_logs import files
from tools.audit.anchors import ANCHOR_FILE_NAME

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

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


def create_user(name: str) -> User:
    return User.objects.create(username=name, password=make_password(None))


def test_they_are_removed_with_all_their_data(tmp_path: Path) -> None:
    with temporary_users(2, 1, tmp_path) as people:
        user = User.objects.get(id=people[0].user_id)
        assert not user.has_usable_password()
        import_log(user, log_file(tmp_path / "bring", feature="x"), tmp_path)
        threads.create_thread(user.id, "a conversation", publish=publish_to_nobody)
        assert Event.objects.exists()
        assert len(list_registries(tmp_path)) == 1
    assert not User.objects.exists()
    assert not AuthToken.objects.exists()
    assert not Event.objects.exists()
    assert files(tmp_path) == ["bring/usage.csv"]


def test_they_are_removed_if_the_test_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), temporary_users(2, 1, tmp_path):
        raise ZeroDivisionError
    assert not User.objects.exists()
    assert list_registries(tmp_path) == ()


def test_users_of_a_running_test_stay(tmp_path: Path) -> None:
    with temporary_users(2, 1, tmp_path):
        assert remove_abandoned_users(tmp_path) == 0
        assert User.objects.count() == 2


def test_real_users_with_such_names_stay(tmp_path: Path) -> None:
    """A real user may have such a name, or a temporary user may have become a real one."""
    namesake, renamed, staff = (create_user(f"selftest-{each}") for each in ("0123456789ab", "renamed", "staff"))
    plain = create_user("plain")
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


def test_removing_may_be_repeated(tmp_path: Path) -> None:
    with temporary_users(1, 1, tmp_path) as people:
        temporary = RegistryEntry(user_id=people[0].user_id, name=people[0].name)
        remove_user(temporary, tmp_path)
        remove_user(temporary, tmp_path)
    assert not User.objects.exists()


@contextmanager
def running_test(server: LiveServer) -> Iterator[subprocess.Popen[bytes]]:
    """An isolation test in a process of its own, under load. Its output is shown beside a failure."""
    process = start_python(
        ["-c", COMMAND, str(connection.settings_dict["NAME"]), server.origin],
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


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.soak), signal.SIGTERM, signal.SIGKILL])
def test_users_of_a_stopped_process_are_removed(server: LiveServer, how: signal.Signals) -> None:
    before = set(files(server.data_dir)) - {ANCHOR_FILE_NAME}
    with running_test(server) as process:
        process.send_signal(how)
        process.wait(timeout=PATIENCE)
    if how == signal.SIGKILL:
        assert User.objects.count() == 2
        assert remove_abandoned_users(server.data_dir) == 2
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert list_registries(server.data_dir) == ()
    until = time.monotonic() + PATIENCE
    # A worker may be stopping its run. The audit stays.
    while set(files(server.data_dir)) - {ANCHOR_FILE_NAME} != before:
        assert time.monotonic() < until, files(server.data_dir)
        time.sleep(0.2)
