"""The schema of a temporary installation is the one that migrations come to."""

import json
import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from tests.support.live_server import ROOT, bare
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = pytest.mark.slow

MADE = """
import django, json
django.setup()
from django.conf import settings
from tests.netra.cli.test_temporary_installation import rows, schema
from netra.cli.log_options import temporary_installation
with temporary_installation(settings.NETRA) as made:
    file = str(made.data_dir / "netra.sqlite3")
    print(json.dumps([schema(file), rows(file)]))
"""
PART = re.compile(r', (?=["C])')
MIGRATES = "django_migrations"
NUMBERS = "sqlite_sequence"  # which rows there have been


def schema(file: str) -> dict[str, list[str]]:
    """Tables and indexes by name. Columns and constraints in order of the alphabet: migrations add at the end."""
    with closing(sqlite3.connect(file)) as database:
        made = database.execute("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    parts = {name: [sql] if kind != "table" else _parts(sql) for kind, name, sql in made}
    return {name: sql for name, sql in parts.items() if name not in (MIGRATES, NUMBERS)}


def _parts(sql: str) -> list[str]:
    head, body = sql.split("(", 1)
    return [head, *sorted(PART.split(body.removesuffix(")")))]


def rows(file: str) -> dict[str, int]:
    """How many there are of each table."""
    tables = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    with closing(sqlite3.connect(file)) as database:
        return {name: database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


@pytest.mark.long
def test_it_is_the_migrated_one_with_what_a_migration_leaves_in_it(tmp_path: Path) -> None:
    environment = bare(DJANGO_SETTINGS_MODULE="netra.settings", NETRA_LEGACY="warn", NETRA_DATA_DIR=str(tmp_path))
    made: Any = json.loads(run(environment, "-c", MADE))
    run(environment, "manage.py", "migrate", "--verbosity", "0")
    file = str(tmp_path / "netra.sqlite3")
    assert made == [schema(file), rows(file)]
    assert made[1]["auth_group"] == 4


def run(environment: Mapping[str, str], *arguments: str) -> str:
    done = run_python(arguments, cwd=ROOT, env=environment, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)
