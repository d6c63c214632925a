"""User names that were there before there were rules for them: `manage.py check --database default` tells them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import DEFAULT_DB_ALIAS, connections

from netra.core.exceptions import BadInput
from netra.core.models import User
from netra.core.models.user import APART
from netra.core.names import check_shape

MOST = 20


def check_names(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or ()) or not _there():
        return []
    found: list[CheckMessage] = []
    for warning in _faults():
        found.append(warning)
        if len(found) == MOST:
            break
    return found


def _faults() -> Iterator[CheckMessage]:
    for user in User.objects.order_by("date_joined", "pk").only("pk", "username", "email", "username_key").iterator():
        named = f"The user {user.pk} is called {user.username!r}"
        try:
            check_shape(user.username, email=user.email)
        except BadInput as error:
            yield _warning(f"{named}: {error}", "netra.W020")
        if APART in user.username_key:
            yield _warning(f"{named}, which looks like another user's name.", "netra.W021")


def _warning(what: str, code: str) -> CheckMessage:
    return Warning(what, hint="Rename them in the admin; until then use ids.", id=code)


def _there() -> bool:
    """Before the first `migrate`, and before that of this version, there is nothing to look at."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        table = User._meta.db_table
        if table not in connection.introspection.table_names(cursor):
            return False
        columns = connection.introspection.get_table_description(cursor, table)
    return any(column.name == "username_key" for column in columns)
