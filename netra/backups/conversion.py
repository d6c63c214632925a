"""The rows of an installation on SQLite, moved to an empty database on PostgreSQL with their ids.

Tables are those of the installed apps' models, and values are converted by the models' fields: a new table needs no
code. Rows are streamed, so memory doesn't grow with them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max, Model, QuerySet

from core.exceptions import OperatorError
from core.models import EmbeddedJob
from netra.backups.sqlite_file import migrate_sqlite, open_sqlite
from netra.bootstrap.database import connected_as_owner
from netra.config import Environment

ROWS_AT_ONCE = 2_000
"""Rows that are read from SQLite at once."""
LEFT_OUT: tuple[type[Model], ...] = (EmbeddedJob, MigrationRecorder.Migration)
"""Jobs wait in another queue on PostgreSQL: core.jobs.recovery queues them for the runs and logs that have none.
Migrations are those of PostgreSQL's tables."""


def convert_database(environment: Environment, source: Path) -> None:
    """Fill the empty PostgreSQL database from a copy of SQLite's file, which is migrated first: all rows or none.
    Raises BadInput, OperatorError."""
    with open_sqlite(source) as alias:
        migrate_sqlite(alias)
        _refuse_uninstalled(alias)
        call_command("migrate", verbosity=0, interactive=False)
        # The owner, because row-level security holds for all other roles.
        with connected_as_owner(environment), transaction.atomic():
            _move_rows(alias)
    ContentType.objects.clear_cache()


def list_moved_models() -> tuple[type[Model], ...]:
    """Return the models whose tables are moved. What PostgreSQL's queue has is not managed by Django."""
    models = apps.get_models(include_auto_created=True)
    return tuple(each for each in models if each._meta.managed and not each._meta.proxy and each not in LEFT_OUT)


def _refuse_uninstalled(alias: str) -> None:
    """Refuse rows that would be lost, since no app that is installed here has their table."""
    known = {model._meta.db_table for model in (*list_moved_models(), *LEFT_OUT)}
    copy = connections[alias]
    for table in sorted({*copy.introspection.table_names()} - known):
        with copy.cursor() as cursor:
            cursor.execute(f"SELECT 1 FROM {copy.ops.quote_name(table)} LIMIT 1")
            if cursor.fetchone() is not None:
                raise OperatorError(
                    f"The backup has rows in the table {table}, which belongs to no app of this installation. Set "
                    "NETRA_LEGACY as the old installation had it, or delete the rows there and make another backup."
                )


def _move_rows(alias: str) -> None:
    models = list_moved_models()
    with connection.cursor() as cursor:
        # `migrate` has filled some tables, such as permissions, with other ids.
        cursor.execute(f"TRUNCATE {', '.join(_quote(model._meta.db_table) for model in models)}")
    for model in models:
        _copy_table(alias, model)
    _advance_sequences(_read_last_ids(alias))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # foreign keys, which may point to a later table


def _copy_table(alias: str, model: type[Model]) -> None:
    fields = model._meta.local_concrete_fields
    columns = ", ".join(_quote(field.column) for field in fields if field.column is not None)
    statement = f"COPY {_quote(model._meta.db_table)} ({columns}) FROM STDIN"
    try:
        with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as target:
            for row in _iter_rows(alias, model):
                target.write_row(row)
    except DatabaseError as error:
        raise OperatorError(
            f"A row of the table {model._meta.db_table} can't be moved to PostgreSQL ({_explain(error)}). No row was "
            "moved. Correct it in the old installation, make another backup, and restore that into an empty database."
        ) from error


def _iter_rows(alias: str, model: type[Model]) -> Iterator[list[Any]]:
    """Yield the values of each row as PostgreSQL takes them. Of the model itself: its managers may hide rows."""
    fields = model._meta.local_concrete_fields
    rows: QuerySet[Any, Any] = QuerySet(model, using=alias).order_by().values_list(*(field.attname for field in fields))
    for row in rows.iterator(ROWS_AT_ONCE):
        yield [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]


def _explain(error: DatabaseError) -> str:
    """Return the database's reason without its details, which quote the row: it may be a user's text."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "message_primary", None) or str(error)


def _read_last_ids(alias: str) -> Mapping[str, int]:
    """Return the last id that each table of SQLite has given, which may have been a row's that is gone."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence")
        return dict(cursor.fetchall())


def _advance_sequences(last_ids: Mapping[str, int]) -> None:
    """Let new rows get ids that no row has had."""
    for model in list_moved_models():
        field, table = model._meta.auto_field, model._meta.db_table
        if field is None:
            continue
        highest = QuerySet(model).aggregate(highest=Max(field.name))["highest"] or 0
        last = max(highest, last_ids.get(table, 0))
        if last > 0:
            with connection.cursor() as cursor:
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [_quote(table), field.column, last])


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)
