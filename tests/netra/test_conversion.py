"""A backup of an installation on SQLite is restored into an empty one on PostgreSQL, by the commands of
docs/operations.md."""

import json
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Literal
from pytest_django import DjangoDbBlocker

from core.exceptions import BadInput
from netra.backups.sqlite_file import open_sqlite
from tests.netra import test_upgrade as old
from tests.netra.management.test_run import command, free_port, manage, run_server
from tests.parts import postgresql
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = [pytest.mark.slow, pytest.mark.long]

SETTINGS = {"NETRA_LEGACY": "warn", "DJANGO_SETTINGS_MODULE": "netra.settings"}
OTHER_LOG, OTHER_RUN, OTHER_MESSAGE = (UUID(int=number) for number in (1, 2, 3))
ADDED_TO = frozenset({"contenttypes.ContentType", "auth.Permission"})
"""`migrate` adds those of the app that has the queue on PostgreSQL."""
JOBS = "core.EmbeddedJob"
OWN_NUMBERS = ("core_embeddedjob", "django_migrations")
RENEWED = {
    "core.UserStream": ("epoch", "head", "floor"),
    "workloads.Workload": ("parts", "imported"),
    "workloads.Upload": ("parts",),
}
"""Columns that each restore renews: pages load anew, and files are where this installation has them."""


@dataclass(frozen=True, slots=True)
class Database:
    """An empty database, and the data folder of the installation that has it."""

    owner: str
    settings: dict[str, str]
    folder: Path

    def run(self, *arguments: str) -> Any:
        return manage(self.folder, *arguments, **self.settings)

    def read(self, statement: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.owner) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[Database]]:
    if postgresql.find_programs() is None:
        pytest.skip("PostgreSQL is not installed: sudo apt-get install postgresql")
    with postgresql.postgresql() as server:
        yield _create_databases(server, tmp_path_factory)


def _create_databases(server: postgresql.PostgreSQL, folders: pytest.TempPathFactory) -> Iterator[Database]:
    """As docs/operations.md has them: their owner is no administrator."""
    with psycopg.connect(server.owner, autocommit=True) as administrator:
        administrator.execute("CREATE ROLE netra_owner LOGIN CREATEROLE")
        administrator.execute("CREATE ROLE netra LOGIN NOINHERIT")
    for number in range(9):
        name = f"new{number}"
        with psycopg.connect(server.owner, autocommit=True) as administrator:
            administrator.execute(SQL("CREATE DATABASE {} OWNER netra_owner").format(Identifier(name)))
        where = server.owner.partition("@")[2].replace("/netra", f"/{name}")
        owner, application = f"postgres://netra_owner@{where}", f"postgres://netra@{where}"
        urls = {"DATABASE_OWNER_URL": owner, "DATABASE_URL": application}
        yield Database(owner, SETTINGS | urls, folders.mktemp(name) / "data")


def open_old_installation(folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    with ZipFile(old.ARCHIVE) as archive:
        archive.extractall(folder)
    return folder


def succeed(done: Any) -> str:
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return str(done.stdout)


def copy_row(database: sqlite3.Connection, table: str, of: str, **changes: Any) -> None:
    found = database.execute(f"SELECT * FROM {table} WHERE id = ?", [UUID(of).hex])
    values = dict(zip([column[0] for column in found.description], found.fetchone(), strict=True)) | changes
    names = ", ".join(f'"{name}"' for name in values)
    database.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", [*values.values()])


def add_what_waits(data: Path) -> None:
    """A log that is to be read, and a question that is to be answered."""
    with closing(sqlite3.connect(data / "netra.sqlite3")) as database, database:
        copy_row(database, "workloads_workload", old.LOG, id=OTHER_LOG.hex, state="queued", attempt=0, name="other.csv")
        copy_row(database, "workloads_upload", old.LOG, id=OTHER_LOG.hex, workload_id=OTHER_LOG.hex, name="other.csv")
        (message,) = database.execute("SELECT message_id FROM agents_run").fetchone()
        copy_row(database, "agents_message", message, id=OTHER_MESSAGE.hex)
        waits = {"state": "queued", "attempt": 0, "worker": "", "started_at": None, "ended_at": None, "ending": None}
        copy_row(database, "agents_run", old.RUN, id=OTHER_RUN.hex, message_id=OTHER_MESSAGE.hex, **waits)
    (raw,) = data.glob(f"workloads/*/{old.LOG}.raw")
    shutil.copy(raw, data / "uploads" / raw.parent.name / str(OTHER_LOG))


def test_an_earlier_version_moves_with_all_that_waits(databases: Iterator[Database], tmp_path: Path) -> None:
    data, file, new = open_old_installation(tmp_path / "data"), tmp_path / "backup.tar", next(databases)
    key = (data / "secret_key").read_text()
    add_what_waits(data)
    (tmp_path / "store").mkdir()
    before = old.read_rows(data)
    succeed(manage(data, "backup", str(file), **SETTINGS))
    new.settings.update(NETRA_SECRET_KEY=key, NETRA_STORE=(tmp_path / "store").as_uri())
    assert "secret key" not in succeed(new.run("restore", str(file)))

    for table in old.PRESERVED_TABLES:
        rows = new.read(SQL("SELECT id FROM {}").format(Identifier(table)))
        assert {str(id).replace("-", "") for (id,) in rows} == before[table], table
    assert "13" in succeed(new.run("verify_audit"))
    assert "netra.E" not in str(new.run("check", "--database=default"))
    port = free_port(24_000)
    with run_server(new.folder, port, **new.settings) as server:
        server.ready()
        client = old.RestClient(port)
        assert client.get("me/")["username"] == "ana"
        assert client.wait_for(f"workloads/{OTHER_LOG}/", "ready")["source"]["rows"] == 24
        assert client.wait_for(f"runs/{OTHER_RUN}/", "completed")
        old.test_the_log_is_readable(client)
        old.test_a_new_question_about_the_old_log_is_answered(client)
        old.test_a_new_answer_about_the_old_log_has_the_same_figures(client)
        old.test_an_unfinished_upload_can_be_finished(client)
        assert server.end(signal.SIGINT) == 0


def test_every_row_moves_whole_or_none_does(databases: Iterator[Database], tmp_path: Path) -> None:
    data, file = open_old_installation(tmp_path / "data"), tmp_path / "backup.tar"
    succeed(manage(data, "migrate", "--verbosity=0", **SETTINGS))
    assert manage(data, "anchor_audit", **SETTINGS).returncode == 0
    call(data, "fill", SETTINGS)
    before = json.loads(call(data, "show", SETTINGS))["rows"]
    assert all(before.values()), "a table without rows could be left out"
    succeed(manage(data, "backup", str(file), **SETTINGS))
    new = next(databases)
    succeed(new.run("restore", str(file)))

    after = json.loads(call(new.folder, "show", new.settings))
    assert before.keys() <= after["rows"].keys()
    for table, rows in before.items():
        if table == JOBS:
            assert after["rows"][table] == []
        elif table in ADDED_TO:
            assert {*rows} < {*after["rows"][table]}, table
        else:
            assert select_lasting(table, after["rows"][table]) == select_lasting(table, rows), table
    assert {*after["rows"]["core.UserStream"]}.isdisjoint(before["core.UserStream"])
    check_who_sees_what(after["seen"], before)
    check_next_ids(new, data)

    spoil(data)
    spoiled = tmp_path / "spoiled.tar"
    succeed(manage(data, "backup", str(spoiled), **SETTINGS))
    empty = next(databases)
    refused = empty.run("restore", str(spoiled))
    assert (refused.returncode, "workloads_workload can't be moved" in refused.stderr) == (1, True), refused.stderr
    assert "xxxx" not in refused.stderr
    for table in old.PRESERVED_TABLES:
        assert empty.read(SQL("SELECT count(*) FROM {}").format(Identifier(table))) == [(0,)], table

    without_kit = next(databases)
    del without_kit.settings["NETRA_LEGACY"]
    refused = without_kit.run("restore", str(file))
    assert (refused.returncode, "belongs to no app" in refused.stderr) == (1, True), refused.stderr
    assert without_kit.read("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [(0,)]


@pytest.mark.parametrize("content", [b"", b"PGDMP" * 2_000])
def test_another_kind_of_file_is_refused(tmp_path: Path, django_db_blocker: DjangoDbBlocker, content: bytes) -> None:
    (tmp_path / "database").write_bytes(content)
    with django_db_blocker.unblock():
        for _ in range(2):
            with pytest.raises(BadInput, match="not a backup"), open_sqlite(tmp_path / "database"):
                pass


def call(folder: Path, what: str, settings: dict[str, str]) -> str:
    options = command(folder, **settings) | {"arguments": ["-m", "tests.support.moved_rows", what]}
    return succeed(run_python(**options, timeout=PATIENCE))


def select_lasting(table: str, rows: list[str]) -> list[dict[str, Any]]:
    renewed = RENEWED.get(table, ())
    return [{name: value for name, value in json.loads(row).items() if name not in renewed} for row in rows]


def check_who_sees_what(seen: dict[str, dict[str, list[str]]], rows: dict[str, list[str]]) -> None:
    """Each user sees all of their own rows, and no other."""
    assert len(seen) == 2
    for user, tables in seen.items():
        own = {table: sum(f"UUID('{user}')" in json.loads(row)["owner_id"] for row in rows[table]) for table in tables}
        assert {table: [user] * count for table, count in own.items()} == tables
        assert all(own.values()), own


def check_next_ids(new: Database, data: Path) -> None:
    """The next row of each table gets an id that none has had, also none that is gone."""
    with closing(sqlite3.connect(data / "netra.sqlite3")) as database:
        given = dict(database.execute("SELECT name, seq FROM sqlite_sequence"))
        assert database.execute("SELECT max(id) FROM django_admin_log").fetchone()[0] < given["django_admin_log"]
    for table in OWN_NUMBERS:
        del given[table]
    columns = new.read(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE is_identity = 'YES' AND table_schema = 'public'"
    )
    assert given.keys() <= {table for table, _ in columns}
    for table, column in columns:
        highest = SQL("SELECT coalesce(max({}), 0) FROM {}").format(Identifier(column), Identifier(table))
        following = SQL("SELECT nextval(pg_get_serial_sequence({}, {}))").format(Literal(table), Literal(column))
        ((last,),), ((number,),) = new.read(highest), new.read(following)
        assert number > max(last, given.get(table, 0)), table


def spoil(data: Path) -> None:
    """SQLite doesn't check how long a text is."""
    with closing(sqlite3.connect(data / "netra.sqlite3")) as database, database:
        database.execute("UPDATE workloads_workload SET name = ?", ["x" * 100_000])
