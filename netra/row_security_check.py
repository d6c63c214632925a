"""Whether row-level security holds on PostgreSQL: the application's role must be subject to the policies, and every
owned table must have them.

`check --database default` reports it, and a production server doesn't start without it."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection

from core.db import build_role_names, list_owned_tables
from netra.unsafe_settings import UnsafeSetting, exit_with

READ_ROLE = """
SELECT rolsuper OR rolbypassrls,
    EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
        AND pg_has_role(current_user, relowner, 'MEMBER')),
    (SELECT count(*) FROM pg_roles r WHERE r.rolname = ANY(%s) AND pg_has_role(current_user, r.oid, 'MEMBER')
        AND NOT pg_has_role(current_user, r.oid, 'USAGE'))
FROM pg_roles WHERE rolname = current_user
"""
READ_UNSECURED = """
SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relname = ANY(%s)
    AND NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid)) ORDER BY relname
"""
ROLES_REMEDY = (
    "Set DATABASE_URL to a role without these rights, DATABASE_OWNER_URL to the owner of the tables, and run "
    "manage.py migrate."
)
MIGRATE_REMEDY = "Run manage.py migrate with DATABASE_OWNER_URL."


def find_bypasses() -> tuple[UnsafeSetting, ...]:
    """Return why row-level security would not hold for this process; nothing on SQLite. Raises DatabaseError."""
    return tuple(_iter_bypasses()) if connection.vendor == "postgresql" else ()


def _iter_bypasses() -> Iterator[UnsafeSetting]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        (role,) = cursor.fetchone()
        roles = build_role_names(role).values()
        cursor.execute(READ_ROLE, [list(roles)])
        bypasses, owns, roles_to_take = cursor.fetchone()
        cursor.execute(READ_UNSECURED, [list(list_owned_tables())])
        unsecured = [name for (name,) in cursor.fetchall()]
    if bypasses:
        problem = f"PostgreSQL's role {role} is a superuser or has BYPASSRLS: row-level security doesn't apply to it."
        yield UnsafeSetting("netra.E025", problem, ROLES_REMEDY)
    elif owns:
        problem = f"PostgreSQL's role {role} may alter the tables, and so remove their row-level security."
        yield UnsafeSetting("netra.E026", problem, ROLES_REMEDY)
    elif roles_to_take < len(roles):
        problem = f"PostgreSQL's role {role} can't take its roles for all users ({', '.join(roles)}), or inherits them."
        yield UnsafeSetting("netra.E023", problem, MIGRATE_REMEDY)
    if unsecured:
        problem = f"Tables of users' rows have no row-level security: {', '.join(unsecured)}."
        yield UnsafeSetting("netra.E024", problem, MIGRATE_REMEDY)


def require_row_security() -> None:
    """Exit with a line for each reason why row-level security doesn't hold in this production installation. If the
    database doesn't respond, the server starts and isn't ready."""
    if not settings.NETRA.production:
        return
    try:
        bypasses = find_bypasses()
    except DatabaseError:
        return
    finally:
        connection.close()
    exit_with(bypasses, "Netra doesn't start without row-level security in production.")


def check_row_security(*, databases: Collection[str] | None = None, **_: Any) -> Sequence[CheckMessage]:
    """Report it as errors in production, as warnings elsewhere. `migrate` is the owner's, and creates what is
    missing."""
    if DEFAULT_DB_ALIAS not in (databases or ()) or connection.settings_dict.get("IS_OWNER"):
        return []
    message_class = Error if settings.NETRA.production else CheckWarning
    try:
        return [message_class(each.problem, hint=each.remedy, id=each.id) for each in find_bypasses()]
    except DatabaseError:
        return []  # nothing has been migrated yet


def register_row_security_check() -> None:
    register(check_row_security, Tags.database)
