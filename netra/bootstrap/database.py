"""The database brought up to this version's schema, and its two PostgreSQL roles: the tables' owner, and the application's, which cannot alter them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.migrations.executor import MigrationExecutor
from psycopg.sql import SQL, Identifier

from core.exceptions import OperatorError
from netra.config import Environment
from netra.databases import build_owner_database_settings

GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
)


@contextmanager
def connected_as_owner(environment: Environment) -> Iterator[None]:
    """Within the block the default database is worked on as its owner."""
    mine = connections[DEFAULT_DB_ALIAS]
    mine.close()
    before = dict(mine.settings_dict)
    mine.settings_dict.update(build_owner_database_settings(environment))
    try:
        yield
    finally:
        mine.close()
        mine.settings_dict.clear()
        mine.settings_dict.update(before)


def grant_table_access(role: str) -> None:
    """Let a role work with every table that is there now. It cannot change one, or make one."""
    with connection.cursor() as cursor:
        for statement in GRANTS:
            cursor.execute(SQL(statement).format(Identifier(role)).as_string(cursor.connection))


def prepare_database(say: Callable[[str], None]) -> None:
    """Apply what is missing, saying so only if something is. Raises OperatorError for what this version cannot use."""
    try:
        executor = MigrationExecutor(connection)
        _refuse_newer_schema(executor)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise OperatorError(f"The database {connection.settings_dict['NAME']} could not be used: {error}.") from error


def _refuse_newer_schema(executor: MigrationExecutor) -> None:
    loader = executor.loader
    known = loader.disk_migrations
    strange = [key for key in loader.applied_migrations if key[0] in loader.migrated_apps and key not in known]
    if strange:
        app, name = min(strange)
        raise OperatorError(
            f"The database {connection.settings_dict['NAME']} was made by a newer Netra (it has {app}.{name}): "
            "use that version, or another data folder."
        )
