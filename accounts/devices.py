"""Device cookies: a signed list of the users who have signed in with a browser before. They grant no access."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from core.models import User

COOKIE_SALT = "netra.accounts.devices"  # not a module path: with another salt, every known device is forgotten
COOKIE_SECONDS = 365 * 86_400
MAX_USERS = 5  # of one browser


def find_devices(request: HttpRequest, users: Iterable[UUID]) -> dict[UUID, str]:
    """Return this browser's device id for each of these users who has signed in with it."""
    known = _read_cookie(request)
    return {user: known[user.hex] for user in users if user.hex in known}


def find_last_user(request: HttpRequest) -> str | None:
    """Return the user id of the last user who signed in with this browser, or None.

    It is the same in all browsers of a user, unlike device ids, of which one can get new ones by signing in.
    """
    return next(reversed(_read_cookie(request)), None)


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the device cookie. Call it once the sign-in is complete."""
    known = _read_cookie(request)
    device = known.pop(user.pk.hex, None) or uuid4().hex
    devices = dict([*known.items()][-(MAX_USERS - 1) :]) | {user.pk.hex: device}
    response.set_cookie(
        settings.NETRA_DEVICE_COOKIE,
        signing.dumps(devices, salt=COOKIE_SALT),
        max_age=COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_cookie(request: HttpRequest) -> dict[str, str]:
    try:
        data = signing.loads(
            request.COOKIES.get(settings.NETRA_DEVICE_COOKIE, ""), salt=COOKIE_SALT, max_age=COOKIE_SECONDS
        )
    except signing.BadSignature:
        return {}
    return {str(user): str(device) for user, device in data.items()} if isinstance(data, dict) else {}
