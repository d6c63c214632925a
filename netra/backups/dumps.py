"""The database in one file: a copy of SQLite's, or what PostgreSQL's pg_dump writes."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.db import connection

from core.exceptions import OperatorError
from netra.config import Environment
from netra.databases import build_owner_database_settings

POLICY_PATTERN = re.compile(r"^\d+; \d+ \d+ (?:ROW SECURITY|POLICY|COMMENT \S+ POLICY) ")
"""Lines of a dump's contents about row-level security."""
PAGES_AT_ONCE = 2_000
"""Pages of SQLite's file that are copied under one lock, so that the server waits for milliseconds only."""
FIRST_LINES = 3
"""Lines of a program's errors that are repeated to the operator."""


def dump_database(environment: Environment, target: Path) -> None:
    """Write the database to `target` as it is at one moment; who uses it meanwhile goes on. Raises OperatorError."""
    if connection.vendor == "sqlite":
        _copy_sqlite(Path(connection.settings_dict["NAME"]), target)
    else:
        _run_client(environment, "pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}")


def load_database(environment: Environment, source: Path) -> None:
    """Fill the empty database from what `dump_database` wrote: whole or not at all. Raises OperatorError."""
    if connection.vendor == "sqlite":
        target = Path(connection.settings_dict["NAME"])
        connection.close()
        _copy_sqlite(source, target)
        target.chmod(0o600)
    else:
        with NamedTemporaryFile("w", prefix=".contents-", dir=source.parent) as contents:
            contents.write(_list_without_policies(environment, source))
            contents.flush()
            options = (
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-acl",
                f"--use-list={contents.name}",
            )
            _run_client(environment, "pg_restore", *options, str(source))


def _list_without_policies(environment: Environment, source: Path) -> str:
    """Return the dump's contents without row-level security, which names roles of the installation that was dumped:
    `migrate` creates it with those of this one."""
    lines = _run_client(environment, "pg_restore", "--list", str(source)).splitlines()
    return "\n".join(line for line in lines if not POLICY_PATTERN.search(line)) + "\n"


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy, pages=PAGES_AT_ONCE)


def _run_client(environment: Environment, program: str, *arguments: str) -> str:
    """Run a program of PostgreSQL's client as the role that owns the tables, and return its output. The password goes
    by the environment, since anybody on the machine can read a command's arguments."""
    database = build_owner_database_settings(environment)
    variables = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    given = {name: value for name, value in variables.items() if value}
    target = () if program == "pg_dump" or "--list" in arguments else (f"--dbname={database['NAME']}",)
    try:
        done = subprocess.run(
            [program, "--no-password", *target, *arguments],
            env=os.environ | given,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise OperatorError(
            f"{program} was not found. Install PostgreSQL's client of the server's version (postgresql-client)."
        ) from error
    if done.returncode != 0:
        raise OperatorError(f"{program} failed: {_shorten(done.stderr.splitlines())}")
    return done.stdout


def _shorten(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines[:FIRST_LINES]) or "it gave no reason."
