"""The database's schema, migrated at a start, as the role that owns the tables if there is one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor

from core.exceptions import OperatorError
from netra.config import Environment
from netra.databases import build_owner_database_settings


@contextmanager
def connected_as_owner(environment: Environment) -> Iterator[None]:
    """Connect to the default database as the tables' owner within the block."""
    default = connections[DEFAULT_DB_ALIAS]
    default.close()
    before = dict(default.settings_dict)
    default.settings_dict.update(build_owner_database_settings(environment))
    try:
        yield
    finally:
        default.close()
        default.settings_dict.clear()
        default.settings_dict.update(before)


def prepare_database(say: Callable[[str], None]) -> None:
    """Apply missing migrations, and say so if there are any. Raises OperatorError for a database that cannot be used,
    or that a newer version has migrated."""
    try:
        executor = MigrationExecutor(connection)
        _refuse_newer_schema(executor)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan or _lacks_row_security():
            say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise OperatorError(f"The database {connection.settings_dict['NAME']} could not be used: {error}.") from error


def _lacks_row_security() -> bool:
    """Whether there is something to create that is no migration: the roles and policies of PostgreSQL."""
    from netra.row_security_check import find_bypasses  # noqa: PLC0415  # the checks are loaded with the apps

    return settings.NETRA.database_owner_url is not None and bool(find_bypasses())


def _refuse_newer_schema(executor: MigrationExecutor) -> None:
    loader = executor.loader
    known = loader.disk_migrations
    unknown = [key for key in loader.applied_migrations if key[0] in loader.migrated_apps and key not in known]
    if unknown:
        app, name = min(unknown)
        raise OperatorError(
            f"The database {connection.settings_dict['NAME']} was migrated by a newer version of Netra (it has "
            f"{app}.{name}). Use that version, or another data folder."
        )
