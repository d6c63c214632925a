"""The database in one file: a copy of SQLite's, or what PostgreSQL's pg_dump writes."""

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from django.db import connection

from core.exceptions import OperatorError
from netra.config import Environment
from netra.databases import build_owner_database_settings

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
        _run_client(
            environment, "pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-acl", str(source)
        )


def _copy_sqlite(source: Path, target: Path) -> None:
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as original,
        closing(sqlite3.connect(target)) as copy,
    ):
        original.backup(copy, pages=PAGES_AT_ONCE)


def _run_client(environment: Environment, program: str, *arguments: str) -> None:
    """Run a program of PostgreSQL's client as the role that owns the tables. The password goes by the environment,
    since anybody on the machine can read a command's arguments."""
    database = build_owner_database_settings(environment)
    variables = {
        "PGHOST": database["HOST"],
        "PGPORT": str(database["PORT"] or ""),
        "PGUSER": database["USER"],
        "PGPASSWORD": database["PASSWORD"],
        "PGDATABASE": database["NAME"],
    }
    given = {name: value for name, value in variables.items() if value}
    target = () if program == "pg_dump" else (f"--dbname={database['NAME']}",)
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


def _shorten(lines: Sequence[str]) -> str:
    return " ".join(line.strip() for line in lines[:FIRST_LINES]) or "it gave no reason."
