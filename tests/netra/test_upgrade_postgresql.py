"""Today's code takes over a PostgreSQL database of an earlier version, by the steps of docs/operations.md."""

import gzip
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.faults.installation import Installation, list_complaints
from tests.netra.test_upgrade import PRESERVED_TABLES
from tests.parts import postgresql, redis
from tests.support.live_server import ROOT, bare
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

DUMP = Path(__file__).parent / "old_installation" / "postgresql.sql.gz"
ENDED, UNDER_WAY = "baa53536-64f9-414a-88c4-94458bfda53a", "915438d1-8f96-47b7-a1c2-f341c89ae063"
# As docs/operations.md has them, "To upgrade from a version without row-level security".
STEPS = (
    "CREATE ROLE netra_owner LOGIN CREATEROLE",
    "ALTER ROLE netra NOINHERIT NOCREATEROLE",
    "ALTER DATABASE old OWNER TO netra_owner",
    "REASSIGN OWNED BY netra TO netra_owner",
)


@dataclass(frozen=True, slots=True)
class OldDatabase:
    """`address` has a place for the role; the administrator is called owner."""

    address: str

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.address.format("owner")) as connection:
            return connection.execute(statement.encode()).fetchall()

    def read_keys(self) -> dict[str, set[str]]:
        return {table: {str(row[0]) for row in self.read(f"SELECT id FROM {table}")} for table in PRESERVED_TABLES}


@contextmanager
def restored_database() -> Iterator[OldDatabase]:
    """The earlier version had one role, which owned everything."""
    with postgresql.postgresql() as made:
        server = made.owner.partition("@")[2].partition("/")[0]
        with psycopg.connect(made.owner, autocommit=True) as connection:
            connection.execute("CREATE ROLE netra LOGIN CREATEROLE")
            connection.execute("CREATE DATABASE old OWNER netra")
        old = OldDatabase(f"postgres://{{}}@{server}/old")
        programs = postgresql.find_programs()
        assert programs is not None
        command = [str(programs / "psql"), "-q", "-v", "ON_ERROR_STOP=1", old.address.format("netra")]
        subprocess.run(command, input=gzip.decompress(DUMP.read_bytes()), check=True, capture_output=True)
        yield old


@pytest.mark.soak
def test_a_database_from_before_jobs_and_policies_is_taken_over(tmp_path: Path) -> None:
    if postgresql.find_programs() is None or not redis.is_installed():
        pytest.skip("not installed: sudo apt-get install postgresql redis-server")
    with restored_database() as old, redis.redis() as bell:
        before = old.read_keys()
        with psycopg.connect(old.address.format("owner"), autocommit=True) as connection:
            for step in STEPS:
                connection.execute(step.encode())
        (tmp_path / "data").mkdir(mode=0o700)
        environment = bare(
            DJANGO_SETTINGS_MODULE="netra.settings",
            NETRA_DATA_DIR=str(tmp_path / "data"),
            NETRA_SECRET_KEY="for tests alone, long enough to be one: 0123456789abcdef",
            DATABASE_URL=old.address.format("netra"),
            DATABASE_OWNER_URL=old.address.format("netra_owner"),
            REDIS_URL=bell.url,
            NETRA_DATA_SHARED="true",
        )
        for command in ("migrate --verbosity 0", "check --database default --fail-level ERROR"):
            done = run_python(["manage.py", *command.split()], env=environment, cwd=ROOT, text=True, timeout=PATIENCE)
            assert done.returncode == 0, done.stdout + done.stderr
        after = old.read_keys()
        assert {table: keys - after[table] for table, keys in before.items()} == {table: set() for table in before}
        with Installation(environment, tmp_path).worker("worker") as worker:
            await_end(old, UNDER_WAY)
            assert list_complaints(worker) == []
        assert count_ends(old) == {ENDED: 1, UNDER_WAY: 1}
        with psycopg.connect(old.address.format("netra")) as connection:
            seen = connection.execute("SELECT count(*) FROM core_event").fetchone()
        assert seen == (0,), "a server of the earlier version, which names no user, would see nothing"


def await_end(old: OldDatabase, run: str) -> None:
    until = time.monotonic() + PATIENCE
    while old.read(f"SELECT state FROM agents_run WHERE id = '{run}'") != [("completed",)]:
        assert time.monotonic() < until
        time.sleep(0.5)


def count_ends(old: OldDatabase) -> dict[str, int]:
    rows = old.read(
        "SELECT run_id::text, count(*) FROM core_event WHERE type IN ('agent_completed', 'agent_error') "
        "AND payload::jsonb ->> 'parent_request_id' IS NULL AND run_id IS NOT NULL GROUP BY run_id"
    )
    return {str(run): int(str(count)) for run, count in rows}
