"""The schema of the test's database at once: running each migration takes ten times as long.

That both come to the same is what tests/netra/cli/test_temporary_installation.py checks, on SQLite."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from netra.cli.log_options import create_schema
from netra.management.commands.migrate import Command


@contextmanager
def migrating_at_once() -> Iterator[None]:
    """Within the block `migrate` creates the whole schema of an empty SQLite database and records all migrations."""
    real: Callable[..., Any] = Command.handle

    def handle(self: Command, *args: Any, **options: Any) -> None:
        if connection.vendor != "sqlite":
            real(self, *args, **options)
            return
        create_schema()
        record_migrations()

    with patch.object(Command, "handle", handle):
        yield


def record_migrations() -> None:
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    keys = MigrationLoader(connection).disk_migrations
    recorder.migration_qs.bulk_create([recorder.Migration(app=app, name=name) for app, name in keys])
