"""The people of every test: an owner, a neighbour who looks just like them, and a stranger who may see nothing."""

import atexit
import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pydantic_ai import models
from pytest_django import DjangoDbBlocker

from core.context import ConnectionContext
from core.models import User
from netra.process import collect_less_often, exit_now
from tests.support.counted_tests import is_counted
from tests.support.database_flush import patiently, read_rows
from tests.support.distribution import build_scheduler, put_long_first
from tests.support.fresh_schema import migrating_at_once
from tests.support.live_server import LiveServer, run_live_server
from tests.support.product_role import separate_roles
from tests.support.python_processes import FORKING
from tests.support.signals import heed_interrupts
from tests.support.stores import folder_store, ill_store, installed_store, s3_server  # noqa: F401 - fixtures
from workloads import child_process

models.ALLOW_MODEL_REQUESTS = False
# How many made-up inputs a test tries that doesn't say so itself. `make soak` asks for the second.
hypothesis_settings.register_profile("short", max_examples=24)
hypothesis_settings.register_profile("long", max_examples=300)
hypothesis_settings.load_profile("short")

# A test that uses one of these fixtures, or is marked `django_db`, is a test on the `database`.
REAL_PARTS = frozenset(
    {
        "db",
        "transactional_db",
        "django_db_setup",
        "chromium",
        "one",
        "scaled_out",
        "either",
        "apart",
        "alone",
        "scaled_alone",
    }
)
STATUS = pytest.StashKey[int]()  # what the session ends with


@dataclass(frozen=True, slots=True)
class People:
    owner: User
    neighbour: User
    stranger: User


@pytest.fixture(scope="session")
def schema_at_once() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        stack.enter_context(migrating_at_once())
        yield stack


@pytest.fixture(scope="session")
def django_db_setup(
    schema_at_once: ExitStack, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A module's server is still there when its test's rows are taken away; nobody is when the database is."""
    schema_at_once.close()  # a test that migrates really migrates
    with django_db_blocker.unblock():
        left = read_rows()
    with patiently(left):
        yield
    with django_db_blocker.unblock():
        _alone()


def _alone() -> None:
    # PostgreSQL drops no database in which somebody is left: threads of tests end with the process, after it.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture
def people(db: None) -> People:
    group = Group.objects.create(name="the same team")
    owner = User.objects.create(username="owner", display_name="Alex Doe")
    neighbour = User.objects.create(username="neighbour", display_name="Alex Doe")
    for user in (owner, neighbour):
        user.groups.add(group)
    return People(owner, neighbour, User.objects.create(username="stranger"))


@pytest.fixture
def caller() -> Callable[[User], ConnectionContext]:
    """An authenticated connection of a user."""

    def connect(user: User) -> ConnectionContext:
        return ConnectionContext(
            user_id=user.id, request_id=uuid4(), connection_id=uuid4(), created_at=datetime.now(UTC)
        )

    return connect


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A real server for a module's tests, which are `django_db(transaction=True)`.

    Not for longer: it takes up whatever is queued in the test's database.
    """
    with run_live_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def traces() -> Path:
    """The folder of the real traces."""
    folder = os.environ.get("NETRA_TRACES")
    if not folder:
        pytest.skip("NETRA_TRACES is not set: the real traces are not here")
    return Path(folder)


@pytest.fixture(autouse=True)
def blockbuster(monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockBuster]:
    """Blocking the event loop fails a test."""
    with blockbuster_ctx() as buster:
        # Coverage's own lock, contended on a slow machine, is not the code under test.
        buster.functions["threading.Lock.acquire"].can_block_in("coverage/collector.py", {"lock_data"})
        yield buster
        # A test may have replaced a function that is wrapped here. Put back later, the wrapper would stay for good.
        monkeypatch.undo()


@pytest.fixture(autouse=True)
def forked_children() -> Iterator[None]:
    """Logs are read and computed by forked processes, which only start faster. Tests of these processes start them."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(child_process, "subprocess", FORKING)
        yield


def pytest_configure(config: pytest.Config) -> None:
    heed_interrupts()
    import_module(settings.ROOT_URLCONF)  # as a server, before its first request
    atexit.register(leave, config)
    if "TEST_TEMPLATE" in os.environ:
        separate_roles()
    # Nothing that is loaded for the tests is garbage: looking for it costs each process a second.
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    collect_less_often()
    gc.enable()


def leave(config: pytest.Config) -> None:
    """The last thing that this process does, also where it is one of several workers."""
    status = config.stash.get(STATUS, None)
    if status is not None:  # else it did not come as far as a session
        atexit.unregister(leave)
        exit_now(status)


@pytest.hookimpl(tryfirst=True)  # before `-m` selects
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if uses_database(item):
            item.add_marker("database")
        elif item.get_closest_marker("slow") is None and item.get_closest_marker("long") is None:
            item.add_marker("quick")
        if is_counted(item):
            item.add_marker("counted")
    put_long_first(items)


@pytest.hookimpl(optionalhook=True)  # where tests are distributed
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    return build_scheduler(config, log) if config.getvalue("dist") == "loadfile" else None


def uses_database(item: pytest.Item) -> bool:
    marked = item.get_closest_marker("django_db") is not None
    return marked or not REAL_PARTS.isdisjoint(getattr(item, "fixturenames", ()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if os.environ.get("NETRA_NO_SKIPS") and terminalreporter.stats.get("skipped"):
        terminalreporter.write_line("NETRA_NO_SKIPS: every part is required, and some were skipped.", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("NETRA_NO_SKIPS") and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    session.config.stash[STATUS] = int(session.exitstatus)
