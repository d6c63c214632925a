"""Without NETRA_LEGACY only the analyser of the kit is loaded, and remaining rows of the kit cause no errors."""

import json
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.support.live_server import ROOT, bare
from tests.support.patience import PATIENCE
from tests.support.python_processes import run_python

pytestmark = [pytest.mark.slow, pytest.mark.long]

STATE = """
import json, sys, django
django.setup()
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.core.management import get_commands
from django.db import connection
from django.urls import NoReverseMatch, reverse
import netra.asgi, netra.urls
def page():
    try:
        return reverse("admin:legacy_rolloutrule_changelist")
    except NoReverseMatch:
        return None
print(json.dumps({
    "apps": [each.name for each in apps.get_app_configs() if each.name.startswith("legacy")],
    "tables": [each for each in connection.introspection.table_names() if each.startswith("legacy")],
    "permissions": Permission.objects.filter(content_type__app_label="legacy").count(),
    "rules": page(),
    "pages": [model._meta.label for model in admin.site._registry if model._meta.app_label == "legacy"],
    "commands": sorted({"check_isolation", "migrate_legacy", "migration_status"} & set(get_commands())),
    "modules": sorted(each for each in sys.modules if each.split(".")[0] == "legacy"),
}))
"""
ADD_USER = (
    'import django; django.setup(); from core.models import User; print(User.objects.create(username="{}").pk.hex)'
)
SCHEMA = """
import django
django.setup()
from tests.faults.people import create_missing_schema
create_missing_schema()
"""
CHECK = """
import django
django.setup()
from django.core.management import call_command
call_command("check", databases=["default"])
"""
CHECK_AND_ADD_USERS = (
    CHECK
    + """
from core.models import User
print(*(User.objects.create(username=name).pk.hex for name in ("ana", "bob")))
"""
)
CHECK_AND_ERASE = CHECK + 'call_command("erase_user", "ana", yes=True)\n'
"""Several steps in one process: each start takes more than a second."""


def python(data: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return run_python(
        arguments,
        cwd=ROOT,
        env=bare(DJANGO_SETTINGS_MODULE="netra.settings", NETRA_DATA_DIR=str(data), **variables),
        text=True,
        timeout=PATIENCE,
    )


def manage(data: Path, *arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return python(data, "manage.py", *arguments, **variables)


def require_success(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


def add_user(data: Path, name: str) -> str:
    """Return the id, as SQLite has it."""
    return require_success(python(data, "-c", ADD_USER.format(name))).strip()


def query(data: Path, statement: str, values: Sequence[Any] = ()) -> list[Any]:
    with closing(sqlite3.connect(data / "netra.sqlite3")) as database, database:
        return database.execute(statement, values).fetchall()


def add_rows_of_the_kit(data: Path, user: str) -> None:
    query(
        data,
        "INSERT INTO legacy_runpath (owner_id, run_id, agent, path, at) VALUES (?, ?, 'data', 'legacy', '2026-01-01')",
        [user, uuid4().hex],
    )
    rule = "INSERT INTO legacy_rolloutrule (agent, path, enabled, version, user_id) VALUES ('data', 'legacy', 1, 1, ?)"
    query(data, rule, [user])
    query(
        data,
        "INSERT INTO legacy_rolloutversion (rule_id, version, said, changed_by, why, at) "
        "SELECT id, 1, '{}', '', '', '2026-01-01' FROM legacy_rolloutrule WHERE user_id = ?",
        [user],
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.mark.soak
def test_only_the_analyser_is_loaded(data: Path, tmp_path: Path) -> None:
    require_success(manage(data, "migrate", "--verbosity", "0"))
    assert json.loads(require_success(python(data, "-c", STATE))) == {
        "apps": ["legacy.analysis"],
        "tables": [],
        "permissions": 0,
        "pages": [],
        "rules": None,
        "commands": ["check_isolation"],
        "modules": ["legacy", "legacy.analysis", "legacy.analysis.apps"],
    }
    assert require_success(manage(data, "makemigrations", "--check", "--dry-run")) == "No changes detected\n"
    (tmp_path / "leaking.py").write_text("SEEN = []\n\n\ndef note(user_id):\n    SEEN.append(user_id)\n")
    assert manage(data, "check_isolation", str(tmp_path / "leaking.py")).returncode == 1

    refused = manage(data, "check", NETRA_ROSTER="tests.legacy.bridges.storm_agents.roster")
    assert refused.returncode == 1
    assert "netra.E015" in refused.stderr and "set NETRA_LEGACY=warn" in refused.stderr

    add_user(data, "ana")
    assert "Erased.\n" in require_success(manage(data, "erase_user", "ana", "--yes"))
    assert query(data, "SELECT * FROM core_user") == []


def test_remaining_rows_are_reported_and_erased_with_their_user(data: Path) -> None:
    require_success(python(data, "-c", SCHEMA, NETRA_LEGACY="warn"))
    added = python(data, "-c", CHECK_AND_ADD_USERS)
    assert "legacy_" not in added.stderr  # empty tables need no action
    for user in require_success(added).splitlines()[-1].split():
        add_rows_of_the_kit(data, user)
    erased = python(data, "-c", CHECK_AND_ERASE)
    assert "netra.W022" in erased.stderr and "legacy_runpath" in erased.stderr and "NETRA_LEGACY" in erased.stderr
    assert "Erased.\n" in require_success(erased)
    assert query(data, "SELECT username FROM core_user") == [("bob",)]
    for table in ("runpath", "rolloutrule", "rolloutversion"):
        assert query(data, f"SELECT count(*) FROM legacy_{table}") == [(1,)]
    assert query(data, "PRAGMA foreign_key_check") == []

    require_success(manage(data, "migrate", "legacy", "zero", "--verbosity", "0", NETRA_LEGACY="forbid"))
    assert query(data, "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'legacy%'") == []
    assert "legacy_" not in manage(data, "check", "--database", "default").stderr
