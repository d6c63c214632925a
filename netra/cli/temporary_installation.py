"""A temporary database and data folder for one command."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.sql import emit_post_migrate_signal
from django.db import DEFAULT_DB_ALIAS, connections

from netra.config import Environment


@contextmanager
def temporary_installation(environment: Environment) -> Iterator[Environment]:
    """Yield the environment with a temporary data folder and an empty, migrated database; both are removed after it.

    Only for a process that has not opened the database yet.
    """
    with tempfile.TemporaryDirectory(prefix="netra-") as folder:
        before = connections.settings[DEFAULT_DB_ALIAS]
        connections.close_all()
        _set_database(before | {"NAME": str(Path(folder) / "netra.sqlite3")})
        try:
            create_schema()
            yield environment.model_copy(update={"data_dir": Path(folder)})
        finally:
            connections.close_all()
            _set_database(before)


def create_schema() -> None:
    """Create in an empty database the schema that `migrate` ends with, without its own records.

    Running each migration takes ten times as long, and is needed only if there are rows.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.schema_editor() as editor:
        for model in apps.get_models():
            if model._meta.can_migrate(connection):
                editor.create_model(model)
    emit_post_migrate_signal(verbosity=0, interactive=False, db=DEFAULT_DB_ALIAS)


def _set_database(settings: dict[str, Any]) -> None:
    connections.settings[DEFAULT_DB_ALIAS] = settings
    with suppress(AttributeError):  # this thread has not opened a connection yet
        del connections[DEFAULT_DB_ALIAS]
