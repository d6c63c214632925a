"""`manage.py migrate`, run as the role that owns the tables (DATABASE_OWNER_URL) where there is one."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import DEFAULT_DB_ALIAS

from netra.bootstrap.database import connected_as_owner, grant_table_access


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        from django.conf import settings

        if options["database"] != DEFAULT_DB_ALIAS or settings.NETRA.database_owner_url is None:
            super().handle(*args, **options)
            return
        application = settings.DATABASES[DEFAULT_DB_ALIAS]["USER"]
        with connected_as_owner(settings.NETRA):
            super().handle(*args, **options)
            grant_table_access(application)
