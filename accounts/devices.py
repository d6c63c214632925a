"""Browsers in which somebody has signed in before: a signed cookie says for whom, and opens nothing by itself."""

from collections.abc import Iterable
from uuid import UUID, uuid4

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from netra.core.models import User

SALT = "netra.accounts.devices"
SECONDS = 365 * 86_400
MOST = 5  # people of one browser


def devices_of(request: HttpRequest, users: Iterable[UUID]) -> dict[UUID, str]:
    """What this browser is called as each of these users' own; without those who have not signed in with it."""
    known = _read(request)
    return {user: known[user.hex] for user in users if user.hex in known}


def known_user(request: HttpRequest) -> str | None:
    """Who signed in last with this browser, by a mark that all their browsers share: somebody can sign in as often as
    they want, and gets a new device each time. None where nobody has."""
    return next(reversed(_read(request)), None)


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """After all that a sign-in asks for."""
    known = _read(request)
    device = known.pop(user.pk.hex, None) or uuid4().hex
    kept = dict([*known.items()][-(MOST - 1) :]) | {user.pk.hex: device}
    response.set_cookie(
        settings.NETRA_DEVICE_COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read(request: HttpRequest) -> dict[str, str]:
    try:
        said = signing.loads(request.COOKIES.get(settings.NETRA_DEVICE_COOKIE, ""), salt=SALT, max_age=SECONDS)
    except signing.BadSignature:
        return {}
    return {str(user): str(device) for user, device in said.items()} if isinstance(said, dict) else {}
