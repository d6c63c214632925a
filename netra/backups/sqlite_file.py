"""The SQLite file of a backup as a second database of this process, migrated to this version."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor

from core.exceptions import BadInput
from core.i18n.text import text

ALIAS = "backup"
POSTGRESQL_APP = "procrastinate"
"""The app whose migrations, and so its tables, are for PostgreSQL only."""


@contextmanager
def open_sqlite(path: Path) -> Iterator[str]:
    """Open the file within the block, and yield its alias. Raises BadInput for another kind of file."""
    options = {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    connections.settings[ALIAS] = connections.configure_settings({DEFAULT_DB_ALIAS: options})[DEFAULT_DB_ALIAS]
    try:
        _require_tables()
        yield ALIAS
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]


def _require_tables() -> None:
    message = text("This file is not a backup of Netra, or not all of one.")
    try:
        tables = connections[ALIAS].introspection.table_names()
    except DatabaseError as error:
        raise BadInput(message) from error
    if not tables:
        raise BadInput(message)


def migrate_sqlite(alias: str) -> None:
    """Apply the migrations that the file lacks.

    Meanwhile it is the default database: migrations and what follows them need not say which database they mean.
    """
    copy, default = connections[alias], connections[DEFAULT_DB_ALIAS]
    default.close()
    connections[DEFAULT_DB_ALIAS] = copy
    try:
        executor = MigrationExecutor(copy)
        targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] != POSTGRESQL_APP]
        if plan := executor.migration_plan(targets):
            before = executor.loader.project_state().apps
            emit_pre_migrate_signal(0, interactive=False, db=DEFAULT_DB_ALIAS, apps=before, plan=plan)
            after = executor.migrate(targets, plan).apps
            emit_post_migrate_signal(0, interactive=False, db=DEFAULT_DB_ALIAS, apps=after, plan=plan)
    finally:
        connections[DEFAULT_DB_ALIAS] = default
