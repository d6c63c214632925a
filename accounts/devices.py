"""Device cookies: a signed list of the users who have signed in with a browser before. They grant no access."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from core.models import User

COOKIE_SALT = "netra.accounts.devices"  # not a module path: with another salt, every known device is forgotten
COOKIE_SECONDS = 365 * 86_400
MAX_USERS = 5  # people of one browser


def find_devices(request: HttpRequest, users: Iterable[UUID]) -> dict[UUID, str]:
    """What this browser is called as each of these users' own; without those who have not signed in with it."""
    known = _read_cookie(request)
    return {user: known[user.hex] for user in users if user.hex in known}


def find_last_user(request: HttpRequest) -> str | None:
    """Who signed in last with this browser, by a mark that all their browsers share: somebody can sign in as often as
    they want, and gets a new device each time. None where nobody has."""
    return next(reversed(_read_cookie(request)), None)


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """After all that a sign-in asks for."""
    known = _read_cookie(request)
    device = known.pop(user.pk.hex, None) or uuid4().hex
    kept = dict([*known.items()][-(MAX_USERS - 1) :]) | {user.pk.hex: device}
    response.set_cookie(
        settings.NETRA_DEVICE_COOKIE,
        signing.dumps(kept, salt=COOKIE_SALT),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_cookie(request: HttpRequest) -> dict[str, str]:
    try:
        said = signing.loads(
            request.COOKIES.get(settings.NETRA_DEVICE_COOKIE, ""), salt=COOKIE_SALT, max_age=COOKIE_SECONDS
        )
    except signing.BadSignature:
        return {}
    return {str(user): str(device) for user, device in said.items()} if isinstance(said, dict) else {}
