"""The two roles of a real PostgreSQL: migrations as the owner, everything else as the application."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.parts.postgresql import PostgreSQL, find_programs, postgresql
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = [pytest.mark.slow, pytest.mark.long]

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    if find_programs() is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with postgresql() as found:
        yield found


def execute(database: PostgreSQL, *statements: str) -> None:
    with psycopg.connect(database.owner, autocommit=True) as owner:
        for statement in statements:
            owner.execute(statement)


def name_roles(database: PostgreSQL, name: str) -> PostgreSQL:
    """Another database of the same server, with an owner that is no superuser, and the application's role."""
    execute(
        database,
        f"CREATE ROLE {name}_owner LOGIN",
        f"CREATE ROLE {name} LOGIN",
        f"CREATE DATABASE {name} OWNER {name}_owner",
    )
    address = database.owner.replace("owner@", "{}@").replace("/netra", f"/{name}")
    return PostgreSQL(owner=address.format(f"{name}_owner"), application=address.format(name), name=name)


def manage(database: PostgreSQL, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("NETRA_", "DATABASE", "REDIS"))}
    urls = {"DATABASE_URL": database.application, "NETRA_DATA_DIR": str(folder)}
    if database.owner != database.application:
        urls["DATABASE_OWNER_URL"] = database.owner
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


COUNT = "SELECT count(*) FROM agents_thread"
ADD = """
WITH person AS (
    INSERT INTO core_user (id, username, username_key, password, is_superuser, first_name, last_name, email, is_staff,
        is_active, date_joined, display_name)
    VALUES (gen_random_uuid(), 'p', 'p', '', false, '', '', '', false, true, now(), '') RETURNING id
)
INSERT INTO agents_thread (id, owner_id, title, pinned, created_at, updated_at)
SELECT gen_random_uuid(), id, '', false, now(), now() FROM person
"""


def test_an_owner_that_may_not_create_roles_says_what_to_execute(database: PostgreSQL, tmp_path: Path) -> None:
    plain = name_roles(database, "plain")
    execute(database, "CREATE ROLE others_all_users NOLOGIN")
    refused = manage(plain, tmp_path, "migrate", "--verbosity", "0")
    assert refused.returncode != 0
    assert '"plain_all_users" NOLOGIN' in refused.stderr
    assert "Traceback" not in refused.stderr
    statements = refused.stderr.partition("execute: ")[2].strip().split("; ")
    execute(database, *statements)
    done = manage(plain, tmp_path, "migrate", "--verbosity", "0")
    assert (done.returncode, done.stderr) == (0, "")
    earlier = manage(plain, tmp_path, "migrate", "operating", "zero", "--verbosity", "0")
    assert (earlier.returncode, earlier.stderr) == (0, "")
    again = manage(plain, tmp_path, "migrate", "--verbosity", "0")
    assert (again.returncode, again.stderr) == (0, "")
    with psycopg.connect(plain.owner) as owner:
        owner.execute(ADD)
        assert owner.execute(COUNT).fetchone() == (1,), "the owner migrates and dumps"
    with psycopg.connect(plain.application) as application:
        assert application.execute(COUNT).fetchone() == (0,)
        application.execute("SET LOCAL ROLE plain_all_users")
        assert application.execute(COUNT).fetchone() == (1,)
        application.execute("COMMIT")
        assert application.execute(COUNT).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute("SET ROLE others_all_users")
    # A server need not know the owner's password.
    server = replace(plain, owner=plain.application)
    look = "\n".join(
        (
            "from agents.models import Thread",
            "from core.db import as_all_users",
            "with as_all_users(): print(Thread.objects.count())",
        )
    )
    assert manage(server, tmp_path, "shell", "--no-imports", "-c", look).stdout == "1\n"
    assert "netra.E" not in manage(server, tmp_path, "check", "--database", "default").stderr


@pytest.mark.soak
def test_a_database_of_an_earlier_version_gets_its_policies(database: PostgreSQL, tmp_path: Path) -> None:
    """From one role that owned everything: its tables get another owner, and it is the application's from then on."""
    old = name_roles(database, "old")
    execute(database, "ALTER DATABASE old OWNER TO old", "ALTER ROLE old_owner CREATEROLE")
    single = PostgreSQL(owner=old.application, application=old.application)
    assert manage(single, tmp_path, "migrate", "--verbosity", "0").returncode == 0
    grant = "GRANT ALL ON ALL TABLES IN SCHEMA public TO old"  # as an earlier version with two roles has
    execute(replace(old, owner=database.owner.replace("/netra", "/old")), "REASSIGN OWNED BY old TO old_owner", grant)
    found = manage(old, tmp_path, "check", "--database", "default")
    assert "netra.E023" in found.stderr + found.stdout
    assert "netra.E024" in found.stderr + found.stdout
    assert manage(old, tmp_path, "migrate", "--verbosity", "0").returncode == 0
    found = manage(old, tmp_path, "check", "--database", "default")
    assert "netra.E" not in found.stderr + found.stdout
