"""System checks of the settings: unsafe ones, and the roster.

Unsafe settings are errors in production and warnings of `check --deploy` elsewhere."""

import stat
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning

from core.exceptions import OperatorError
from netra.process_checks import (
    HALF_CONFIGURATION,
    check_files,
    check_half_configuration,
    check_processes,
    check_runner,
)
from netra.unsafe_settings import UnsafeSetting, exit_with, is_error, to_check_message

SettingsRule = Callable[[Any], Iterator[UnsafeSetting]]

# A key with one of these words comes from an example.
EXAMPLE_KEY_WORDS = ("insecure", "changeme", "change-me", "secret", "example", "password", "your-")
MIN_KEY_LENGTH = 32
MIN_KEY_CHARACTERS = 10
SECRET_KEY_REMEDY = (
    'Set NETRA_SECRET_KEY to the output of `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'  # noqa: S105  # advice, not a key
)


def check_debug(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.DEBUG:
        yield UnsafeSetting("netra.E001", "NETRA_DEBUG is on: error pages show code and settings.", "Remove it.")


def check_secret_key(settings: Any) -> Iterator[UnsafeSetting]:
    given = settings.NETRA.secret_key
    key = given.get_secret_value().strip() if given else ""
    if not key:
        yield UnsafeSetting(
            "netra.E002", "NETRA_SECRET_KEY is not set: nobody would stay signed in.", SECRET_KEY_REMEDY
        )
    elif len(key) < MIN_KEY_LENGTH or len(set(key)) < MIN_KEY_CHARACTERS:
        yield UnsafeSetting(
            "netra.E003",
            "NETRA_SECRET_KEY is too short or has too few different characters: it can be guessed.",
            SECRET_KEY_REMEDY,
        )
    elif any(word in key.lower() for word in EXAMPLE_KEY_WORDS):
        yield UnsafeSetting(
            "netra.E004", "NETRA_SECRET_KEY looks like an example's key, which others know.", SECRET_KEY_REMEDY
        )


def check_origins(settings: Any) -> Iterator[UnsafeSetting]:
    origins = settings.NETRA.allowed_origins
    remedy = "Set NETRA_ORIGINS to the addresses of this installation, such as https://netra.example.com."
    if not origins:
        yield UnsafeSetting("netra.E005", "NETRA_ORIGINS is not set: no page could open its websocket.", remedy)
    for origin in origins:
        if not origin.startswith("https://"):
            yield UnsafeSetting("netra.E006", f"{origin} is not https: passwords would be sent unencrypted.", remedy)
    if not settings.ALLOWED_HOSTS or any(host.startswith(("*", ".")) for host in settings.ALLOWED_HOSTS):
        yield UnsafeSetting(
            "netra.E007", "NETRA_HOSTS allows any host name, or none.", "List each host in NETRA_HOSTS."
        )


def check_cookies(settings: Any) -> Iterator[UnsafeSetting]:
    if not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE):
        yield UnsafeSetting(
            "netra.E008",
            "NETRA_SECURE_COOKIES is off: session cookies could be sent unencrypted.",
            "Remove it, or set it to true.",
        )
    if not settings.SECURE_HSTS_SECONDS:
        yield UnsafeSetting(
            "netra.W009",
            "Browsers are not told to use https only.",
            "Set NETRA_HSTS_SECONDS: 3600 at first, 31536000 once everything works.",
        )


def check_email(settings: Any) -> Iterator[UnsafeSetting]:
    if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        return
    if settings.NETRA.sign_up:
        yield UnsafeSetting(
            "netra.E012",
            "Anyone can sign up, but mails aren't sent: nobody could confirm an address.",
            "Set NETRA_EMAIL_HOST.",
        )
    else:
        yield UnsafeSetting(
            "netra.W013",
            "NETRA_EMAIL_HOST is not set: password reset links are printed here instead of sent.",
            "Set it, or reset passwords in the admin.",
        )


def check_data_dir(settings: Any) -> Iterator[UnsafeSetting]:
    folder = settings.NETRA.data_dir
    if folder.exists() and stat.S_IMODE(folder.stat().st_mode) & stat.S_IRWXO:
        yield UnsafeSetting("netra.E014", "Everyone on this machine can read NETRA_DATA_DIR.", f"chmod 700 {folder}")


RULES: tuple[SettingsRule, ...] = (
    check_debug,
    check_secret_key,
    check_origins,
    check_cookies,
    check_processes,
    check_runner,
    check_files,
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
    exit_with(errors, "Netra doesn't start with unsafe settings in production.")


def check_production(**_: Any) -> Sequence[CheckMessage]:
    """Report unsafe settings with each `check` of a production installation."""
    if not settings.NETRA.production:
        return []
    return [to_check_message(unsafe) for unsafe in find_unsafe_settings(settings)]


def check_before_deployment(**_: Any) -> Sequence[CheckMessage]:
    """Report with `check --deploy` elsewhere what would be unsafe in production."""
    if settings.NETRA.production:
        return []
    warnings = (unsafe for unsafe in find_unsafe_settings(settings) if unsafe.id not in HALF_CONFIGURATION)
    return [CheckWarning(unsafe.problem, hint=unsafe.remedy, id=unsafe.id) for unsafe in warnings]


def check_roster(**_: Any) -> list[CheckMessage]:
    # Imported here: the agents take a second to import, and most commands need none.
    from agents.framework.registry import load_agent_selector  # noqa: PLC0415

    try:
        load_agent_selector(settings.NETRA.roster)
    except OperatorError as error:
        return [Error(str(error), id="netra.E015")]
    return []


def check_price_file(**_: Any) -> list[CheckMessage]:
    """Report a price file that can't be used, and prices that it leaves out although the price list has them."""
    path = settings.NETRA.price_file
    if path is None:
        return []
    # Imported here: reading the price list takes a moment, and most installations need none.
    from workloads.pricing.file_models import list_left_out_kinds  # noqa: PLC0415
    from workloads.pricing.price_file import BrokenPriceFile, read_price_file  # noqa: PLC0415
    from workloads.pricing.price_list import PriceList  # noqa: PLC0415

    try:
        file = read_price_file(path)
    except BrokenPriceFile as error:
        return [Error(f"NETRA_PRICE_FILE can't be used. {error}", id="netra.E016")]
    price_list = PriceList()
    left_out = (
        (price.model, kinds)
        for price in file.models
        if (kinds := list_left_out_kinds(price, price_list.find(price.model, price.provider)))
    )
    return [
        CheckWarning(
            f"NETRA_PRICE_FILE has no price of {', '.join(kinds)} for {model}, although the price list has one.",
            hint="Such tokens cost what fresh_input, cache_write or output costs. State the price if it differs.",
            id="netra.W017",
        )
        for model, kinds in left_out
    ]


def check_object_store(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report a store that can't be used, with `check --database default`: other commands work while it is away."""
    if settings.OBJECT_STORE is None or not databases:
        return []
    try:
        settings.OBJECT_STORE.store.check()
    except OperatorError as error:
        hint = "Check its URL, the credentials (AWS_… and the like) and the bucket. The log above has its answer."
        return [Error(f"NETRA_STORE: {error}", hint=hint, id="netra.E028")]
    return []


def register_checks() -> None:
    register(check_roster)
    register(check_price_file)
    register(check_half_configuration)
    register(check_object_store, Tags.database)
    register(check_production, Tags.security)
    register(check_before_deployment, Tags.security, deploy=True)
