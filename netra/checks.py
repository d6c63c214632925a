"""System checks: unsafe settings, the roster, usernames that break the rules, tables of apps that are not installed.

Unsafe settings are errors in production and warnings of `check --deploy` elsewhere."""

import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, connections

from core.exceptions import BadInput, OperatorError
from core.models import KEY_SEPARATOR, User
from core.uninstalled_tables import list_uninstalled_user_tables
from core.username_rules import check_shape


@dataclass(frozen=True, slots=True)
class UnsafeSetting:
    """One unsafe setting and its remedy."""

    id: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem} {self.remedy}"


SettingsRule = Callable[[Any], Iterator[UnsafeSetting]]

# A key with one of these words comes from an example.
EXAMPLE_KEY_WORDS = ("insecure", "changeme", "change-me", "secret", "example", "password", "your-")
MIN_KEY_LENGTH = 32
MIN_KEY_CHARACTERS = 10
SECRET_KEY_REMEDY = (
    'Set NETRA_SECRET_KEY to what `python3 -c "import secrets; print(secrets.token_urlsafe(48))"` prints.'  # noqa: S105  # advice, not a key
)


def check_debug(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.DEBUG:
        yield UnsafeSetting("netra.E001", "NETRA_DEBUG is on: error pages show code and settings.", "Leave it out.")


def check_secret_key(settings: Any) -> Iterator[UnsafeSetting]:
    given = settings.NETRA.secret_key
    key = given.get_secret_value().strip() if given else ""
    if not key:
        yield UnsafeSetting(
            "netra.E002", "There is no NETRA_SECRET_KEY: nobody would stay signed in.", SECRET_KEY_REMEDY
        )
    elif len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_KEY_CHARACTERS:
        yield UnsafeSetting(
            "netra.E003", "NETRA_SECRET_KEY is short or of few letters: it can be guessed.", SECRET_KEY_REMEDY
        )
    elif any(word in key.lower() for word in EXAMPLE_KEY_WORDS):
        yield UnsafeSetting(
            "netra.E004", "NETRA_SECRET_KEY looks like that of an example: others know it.", SECRET_KEY_REMEDY
        )


def check_origins(settings: Any) -> Iterator[UnsafeSetting]:
    origins = settings.NETRA.allowed_origins
    remedy = "Set NETRA_ORIGINS to the addresses of this installation, such as https://netra.example.com."
    if not origins:
        yield UnsafeSetting("netra.E005", "There are no NETRA_ORIGINS: no page could open its websocket.", remedy)
    for origin in origins:
        if not origin.startswith("https://"):
            yield UnsafeSetting(
                "netra.E006", f"{origin} is not https: passwords would cross the network readable.", remedy
            )
    if not settings.ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        yield UnsafeSetting("netra.E007", "Any host name would be answered to, or none.", "Name each in NETRA_HOSTS.")


def check_cookies(settings: Any) -> Iterator[UnsafeSetting]:
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield UnsafeSetting(
            "netra.E008",
            "NETRA_SECURE_COOKIES is off: sessions could be read on the way.",
            "Leave it out, or set true.",
        )
    if not settings.SECURE_HSTS_SECONDS:
        yield UnsafeSetting(
            "netra.W009",
            "Browsers are not told to come by https only.",
            "Set NETRA_HSTS_SECONDS, 3600 at first, 31536000 once all works.",
        )


def check_processes(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.NETRA.processes == 1:
        return
    if settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
        yield UnsafeSetting(
            "netra.E010",
            "Several processes, and a channel layer that ends at each: pages would wait for news.",
            "Set NETRA_PROCESSES=1.",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield UnsafeSetting(
            "netra.E011", "Several processes on one SQLite file would wait for each other.", "Set NETRA_PROCESSES=1."
        )


def check_email(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return
    if settings.NETRA.sign_up:
        yield UnsafeSetting(
            "netra.E012",
            "Anybody may sign up, and no mail reaches them: nobody could confirm.",
            "Set NETRA_EMAIL_HOST.",
        )
    else:
        yield UnsafeSetting(
            "netra.W013",
            "No NETRA_EMAIL_HOST: the links of forgotten passwords are printed here instead of sent.",
            "Set it, or reset passwords in the admin.",
        )


def check_data_dir(settings: Any) -> Iterator[UnsafeSetting]:
    folder = settings.NETRA.data_dir
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        yield UnsafeSetting(
            "netra.E014", "Everybody on this machine can look into NETRA_DATA_DIR.", f"chmod 700 {folder}"
        )


RULES: tuple[SettingsRule, ...] = (
    check_debug,
    check_secret_key,
    check_origins,
    check_cookies,
    check_processes,
    check_email,
    check_data_dir,
)


def find_unsafe_settings(settings: Any) -> tuple[UnsafeSetting, ...]:
    """Return all settings that are unsafe in production."""
    return tuple(unsafe for rule in RULES for unsafe in rule(settings))


def require_safe_settings() -> None:
    """Exit with a line for each unsafe setting if this is an unsafe production installation."""
    if not settings.NETRA.production:
        return
    errors = [unsafe for unsafe in find_unsafe_settings(settings) if is_error(unsafe.id)]
    for unsafe in errors:
        sys.stderr.write(f"{unsafe.id}: {unsafe}\n")
    if errors:
        raise SystemExit(f"Netra does not serve like this (NETRA_ENVIRONMENT=production): {len(errors)} to mend.")


def is_error(check_id: str) -> bool:
    """Whether a production server refuses to start because of it; a warning is left to the operator."""
    return check_id.startswith("netra.E")


MAX_USERNAME_WARNINGS = 20


def check_usernames(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    if DEFAULT_DB_ALIAS not in (databases or ()) or not _has_username_keys():
        return []
    return list(islice(_find_bad_usernames(), MAX_USERNAME_WARNINGS))


def _find_bad_usernames() -> Iterator[CheckMessage]:
    for user in User.objects.order_by("date_joined", "pk").only("pk", "username", "email", "username_key").iterator():
        named = f"The user {user.pk} is called {user.username!r}"
        try:
            check_shape(user.username, email=user.email)
        except BadInput as error:
            yield _username_warning(f"{named}: {error}", "netra.W020")
        if KEY_SEPARATOR in user.username_key:
            yield _username_warning(f"{named}, which looks like another user's name.", "netra.W021")


def _username_warning(message: str, check_id: str) -> CheckMessage:
    return CheckWarning(message, hint="Rename them in the admin; until then use ids.", id=check_id)


def _has_username_keys() -> bool:
    """Whether the column exists: before the first `migrate`, or this version's, there is nothing to check."""
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        table = User._meta.db_table
        if table not in connection.introspection.table_names(cursor):
            return False
        columns = connection.introspection.get_table_description(cursor, table)
    return any(column.name == "username_key" for column in columns)


def check_production(**_: Any) -> Sequence[CheckMessage]:
    """Report unsafe settings with each `check` of a production installation."""
    if not settings.NETRA.production:
        return []
    return [_to_check_message(unsafe) for unsafe in find_unsafe_settings(settings)]


def check_before_deployment(**_: Any) -> Sequence[CheckMessage]:
    """Report with `check --deploy` elsewhere what would be unsafe in production."""
    if settings.NETRA.production:
        return []
    return [CheckWarning(unsafe.problem, hint=unsafe.remedy, id=unsafe.id) for unsafe in find_unsafe_settings(settings)]


def check_roster(**_: Any) -> list[CheckMessage]:
    # Imported here: the agents take a second to import, and most commands need none.
    from agents.framework.registry import load_agent_selector  # noqa: PLC0415

    try:
        load_agent_selector(settings.NETRA.roster)
    except OperatorError as error:
        return [Error(str(error), id="netra.E015")]
    return []


def check_uninstalled_tables(*, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report tables with rows of users that no export contains, because their app is not installed."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    return [
        CheckWarning(
            f"No export contains the rows of {table}, a table with references to users whose app is not installed.",
            hint="Drop the tables of the app, or install it again: for tables with names that begin with legacy_, set "
            "NETRA_LEGACY (docs/migration.md, step 9).",
            id="netra.W022",
        )
        for table in list_uninstalled_user_tables()
    ]


def _to_check_message(unsafe: UnsafeSetting) -> CheckMessage:
    message_class = Error if is_error(unsafe.id) else CheckWarning
    return message_class(unsafe.problem, hint=unsafe.remedy, id=unsafe.id)


def register_checks() -> None:
    register(check_usernames, Tags.database)
    register(check_uninstalled_tables, Tags.database)
    register(check_roster)
    register(check_production, Tags.security)
    register(check_before_deployment, Tags.security, deploy=True)
