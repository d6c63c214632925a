"""The two roles of a real PostgreSQL: migrations as the owner, everything else as the application."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.parts.postgresql import PostgreSQL, find_programs, postgresql
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql() as found:
        yield found


def manage(database: PostgreSQL, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NETRA_", "DATABASE", "REDIS"))}
    urls = {"DATABASE_URL": database.application, "DATABASE_OWNER_URL": database.owner, "NETRA_DATA_DIR": str(folder)}
    return run_python(["manage.py", *arguments], cwd=ROOT, env=plain | urls, text=True, timeout=PATIENCE)


def test_the_owner_migrates_and_the_application_works_without_owning(database: PostgreSQL, tmp_path: Path) -> None:
    for _ in range(2):  # twice is once
        done = manage(database, tmp_path, "migrate", "--verbosity", "0")
        assert (done.returncode, done.stderr) == (0, "")
    made = manage(database, tmp_path, "shell", "-c", "from core.models import User; User.objects.create(username='a')")
    assert made.returncode == 0, made.stderr
    with psycopg.connect(database.application) as application:
        assert application.execute("SELECT username FROM core_user").fetchall() == [("a",)]
        for forbidden in ("DROP TABLE core_user", "CREATE TABLE mine (id int)", "ALTER TABLE core_user ADD x int"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)
            application.rollback()


def test_without_the_owners_address_the_application_cannot_migrate(database: PostgreSQL, tmp_path: Path) -> None:
    plain = PostgreSQL(owner=database.application, application=database.application)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("CREATE DATABASE other OWNER owner")
    other = PostgreSQL(*(url.replace("/netra", "/other") for url in (plain.owner, plain.application)))
    done = manage(other, tmp_path, "migrate", "--verbosity", "0")
    assert done.returncode != 0
    assert "permission denied" in done.stderr
