"""The database, brought up to the schema of this version."""

from collections.abc import Callable

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from netra.core.exceptions import OperatorError


def prepare_database(say: Callable[[str], None]) -> None:
    """Apply what is missing, saying so only if something is. Raises OperatorError for what this version cannot use."""
    try:
        executor = MigrationExecutor(connection)
        _refuse_newer(executor)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            say("Preparing the database ...")
            call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise OperatorError(f"The database {connection.settings_dict['NAME']} could not be used: {error}.") from error


def _refuse_newer(executor: MigrationExecutor) -> None:
    loader = executor.loader
    known = loader.disk_migrations
    strange = [key for key in loader.applied_migrations if key[0] in loader.migrated_apps and key not in known]
    if strange:
        app, name = min(strange)
        raise OperatorError(
            f"The database {connection.settings_dict['NAME']} was made by a newer Netra (it has {app}.{name}): "
            "use that version, or another data folder."
        )
