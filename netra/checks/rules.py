"""What production needs; one function for one matter. Each takes Django's settings, as they are in force."""

import stat
from collections.abc import Callable, Iterator
from typing import Any

from netra.checks.finding import Finding

Rule = Callable[[Any], Iterator[Finding]]

# Words of examples; a key that has one was not made for this installation.
KNOWN_KEYS = ("insecure", "changeme", "change-me", "secret", "example", "password", "your-")
KEY_LENGTH = 32
KEY_LETTERS = 10
MAKE_A_KEY = 'Set NETRA_SECRET_KEY to what `python3 -c "import secrets; print(secrets.token_urlsafe(48))"` prints.'


def debug(settings: Any) -> Iterator[Finding]:
    if settings.DEBUG:
        yield Finding("netra.E001", "NETRA_DEBUG is on: error pages show code and settings.", "Leave it out.")


def secret_key(settings: Any) -> Iterator[Finding]:
    given = settings.NETRA.secret_key
    key = given.get_secret_value().strip() if given else ""
    if not key:
        yield Finding("netra.E002", "There is no NETRA_SECRET_KEY: nobody would stay signed in.", MAKE_A_KEY)
    elif len(key) < KEY_LENGTH or len(set(key)) < KEY_LETTERS:
        yield Finding("netra.E003", "NETRA_SECRET_KEY is short or of few letters: it can be guessed.", MAKE_A_KEY)
    elif any(word in key.lower() for word in KNOWN_KEYS):
        yield Finding("netra.E004", "NETRA_SECRET_KEY looks like that of an example: others know it.", MAKE_A_KEY)


def addresses(settings: Any) -> Iterator[Finding]:
    origins = settings.NETRA.allowed_origins
    name_them = "Set NETRA_ORIGINS to the addresses of this installation, such as https://netra.example.com."
    if not origins:
        yield Finding("netra.E005", "There are no NETRA_ORIGINS: no page could open its websocket.", name_them)
    for origin in origins:
        if not origin.startswith("https://"):
            yield Finding(
                "netra.E006", f"{origin} is not https: passwords would cross the network readable.", name_them
            )
    if not settings.ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        yield Finding("netra.E007", "Any host name would be answered to, or none.", "Name each in NETRA_HOSTS.")


def cookies(settings: Any) -> Iterator[Finding]:
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield Finding(
            "netra.E008",
            "NETRA_SECURE_COOKIES is off: sessions could be read on the way.",
            "Leave it out, or set true.",
        )
    if not settings.SECURE_HSTS_SECONDS:
        yield Finding(
            "netra.W009",
            "Browsers are not told to come by https only.",
            "Set NETRA_HSTS_SECONDS, 3600 at first, 31536000 once all works.",
        )


def processes(settings: Any) -> Iterator[Finding]:
    if settings.NETRA.processes == 1:
        return
    if settings.CHANNEL_LAYERS["default"]["BACKEND"].endswith("InMemoryChannelLayer"):
        yield Finding(
            "netra.E010",
            "Several processes, and a channel layer that ends at each: pages would wait for news.",
            "Set NETRA_PROCESSES=1.",
        )
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield Finding(
            "netra.E011", "Several processes on one SQLite file would wait for each other.", "Set NETRA_PROCESSES=1."
        )


def mail(settings: Any) -> Iterator[Finding]:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return
    if settings.NETRA.sign_up:
        yield Finding(
            "netra.E012",
            "Anybody may sign up, and no mail reaches them: nobody could confirm.",
            "Set NETRA_EMAIL_HOST.",
        )
    else:
        yield Finding(
            "netra.W013",
            "No NETRA_EMAIL_HOST: the links of forgotten passwords are printed here instead of sent.",
            "Set it, or reset passwords in the admin.",
        )


def data_dir(settings: Any) -> Iterator[Finding]:
    folder = settings.NETRA.data_dir
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        yield Finding("netra.E014", "Everybody on this machine can look into NETRA_DATA_DIR.", f"chmod 700 {folder}")


RULES: tuple[Rule, ...] = (debug, secret_key, addresses, cookies, processes, mail, data_dir)


def findings(settings: Any) -> tuple[Finding, ...]:
    """All that is not as production needs it."""
    return tuple(finding for rule in RULES for finding in rule(settings))
