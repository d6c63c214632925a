"""`manage.py migrate`, run as the role that owns the tables (DATABASE_OWNER_URL) where there is one."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import DEFAULT_DB_ALIAS

from core.exceptions import OperatorError
from netra.bootstrap.database import connected_as_owner


class Command(DjangoMigrate):
    def execute(self, *args: Any, **options: Any) -> Any:
        """Also the checks are the owner's: the application's roles may be missing until they are migrated."""
        from django.conf import settings

        if options["database"] != DEFAULT_DB_ALIAS or settings.NETRA.database_owner_url is None:
            return super().execute(*args, **options)
        application = settings.DATABASES[DEFAULT_DB_ALIAS]["USER"]
        from netra.bootstrap.roles import grant_table_access  # PostgreSQL's driver is not needed on SQLite

        with connected_as_owner(settings.NETRA):
            result = super().execute(*args, **options)
            try:
                grant_table_access(application)
            except OperatorError as error:
                raise CommandError(str(error)) from error
        return result
