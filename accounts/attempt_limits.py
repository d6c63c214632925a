"""Limits on attempts at passwords and codes, and on requested mails: enough for forgetful users, too few to guess.

Attempts from a known device and of a signed-in user have counters of their own, which strangers cannot use up. A device
is known by a cookie, a signed list of the users who have signed in with a browser before, which grants no access.
docs/security.md describes the resulting security."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from core.attempts import AttemptCounter, AttemptLimit, count_attempt, refund_attempt, reset_attempts
from core.models import User
from core.networks import get_client_network, to_wide_network
from core.username_rules import to_name_key

FIVE_MINUTES, HOUR, DAY = 300, 3600, 86_400

NAME_ADDRESS_LIMITS = (AttemptLimit(name="name and address", max_attempts=5, seconds=FIVE_MINUTES),)
NAME_ADDRESS_DAY_LIMITS = (AttemptLimit(name="name and address, day", max_attempts=20, seconds=DAY),)
NAME_NETWORK_LIMITS = (AttemptLimit(name="name and network, day", max_attempts=40, seconds=DAY),)
ADDRESS_LIMITS = (
    AttemptLimit(name="address", max_attempts=100, seconds=HOUR),
    AttemptLimit(name="address, day", max_attempts=500, seconds=DAY),
)
NAME_LIMITS = (AttemptLimit(name="name, day", max_attempts=1_000, seconds=DAY),)
CODE_LIMITS = (AttemptLimit(name="codes, day", max_attempts=100, seconds=DAY),)
OWN_DEVICE_LIMITS = (
    AttemptLimit(name="own device", max_attempts=10, seconds=FIVE_MINUTES),
    AttemptLimit(name="own device, day", max_attempts=50, seconds=DAY),
)
MAIL_LIMITS = (
    AttemptLimit(name="mails", max_attempts=5, seconds=HOUR),
    AttemptLimit(name="mails, day", max_attempts=20, seconds=DAY),
)
MAX_ACCOUNTS = 5
"""Accounts with one unverified e-mail address. A password is tried with each of them, or with none if they are more."""

DEVICE_COOKIE_SALT = "netra.accounts.devices"  # not a module path: with another salt, every known device is forgotten
DEVICE_COOKIE_SECONDS = 365 * 86_400
MAX_DEVICE_USERS = 5  # of one browser


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """An attempt that has been counted and may be made."""

    counters: tuple[AttemptCounter, ...]

    def succeed(self) -> None:
        refund_attempt(self.counters)


def count_password_attempt(request: HttpRequest, login: str, password: str) -> CountedAttempt | None:
    """Count an attempt, or return None if there were too many.

    Refusing takes as long as checking a password, so that the time does not reveal it.
    """
    owners = _find_account_ids(login)
    attempt = None
    if len(owners) <= MAX_ACCOUNTS:
        attempt = _count_sign_in_attempt(
            request, owners, f"name {to_name_key(login)}", kind="password", wide_limits=NAME_LIMITS
        )
    if attempt is None:
        make_password(password)
    return attempt


def count_reauthentication_attempt(user: User) -> CountedAttempt | None:
    """Count an attempt of a signed-in user to enter the password or a code again; None if there were too many."""
    counters = _build_counters(OWN_DEVICE_LIMITS, _to_account_subject(user.pk), "signed in")
    return CountedAttempt(counters) if count_attempt(counters) else None


def count_code_attempt(request: HttpRequest, user: User) -> CountedAttempt | None:
    """Count an attempt at a second factor's code; None if there were too many.

    It is counted apart from passwords: whoever gets here has the password, and may have stolen it.
    """
    if request.user.is_authenticated and request.user.pk == user.pk:
        return count_reauthentication_attempt(user)
    return _count_sign_in_attempt(request, (user.pk,), "", kind="code", wide_limits=CODE_LIMITS)


def consume_code(user: User, code: str) -> bool:
    """Whether this code has not been used before, in any process."""
    limit = AttemptLimit(name="code used", max_attempts=1, seconds=FIVE_MINUTES)
    return count_attempt([AttemptCounter(limit=limit, subject=f"code of {user.pk.hex}", partition=code)])


def count_mail(address: str, kind: str) -> bool:
    """Whether a stranger may cause one more mail of a kind to an address.

    Each kind is counted apart, so that other mails do not use up an owner's links for a new password.
    """
    return count_attempt(_build_counters(MAIL_LIMITS, f"mail {address.strip().casefold()}", kind))


def unlock_account(user: User) -> int:
    """Reset all counters of attempts at an account. Return how many there were."""
    addresses = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)} - {""}
    subjects = (_to_account_subject(user.pk), *(f"mail {each.strip().casefold()}" for each in addresses))
    return sum(reset_attempts(subject) for subject in subjects)


def unlock_after_reset(*, user: User, **_: Any) -> None:
    """Unlock the account after a reset by mail, which proves ownership, so that the new password works at once."""
    unlock_account(user)


def _count_sign_in_attempt(
    request: HttpRequest,
    owners: Sequence[UUID],
    unknown_subject: str,
    *,
    kind: str,
    wide_limits: Sequence[AttemptLimit],
) -> CountedAttempt | None:
    """Count an attempt at all accounts of a login, or at `unknown_subject` if there are none.

    A known device counts only for its own user, not for the other accounts: otherwise somebody who claims another's
    e-mail address could use their own device against that account.
    """
    devices = find_devices(request, owners)
    device_counters = [
        each
        for user, device in devices.items()
        for each in _build_counters(OWN_DEVICE_LIMITS, _to_account_subject(user), f"{kind} {device}")
    ]
    stranger_subjects = (
        [_to_account_subject(each) for each in owners if each not in devices] if owners else [unknown_subject]
    )
    counters = (
        *device_counters,
        *(_build_stranger_counters(request, stranger_subjects, kind, wide_limits) if stranger_subjects else ()),
    )
    return CountedAttempt(counters) if count_attempt(counters) else None


def _build_stranger_counters(
    request: HttpRequest, subjects: Sequence[str], kind: str, wide_limits: Sequence[AttemptLimit]
) -> list[AttemptCounter]:
    address = get_client_network(request)
    narrow = f"{kind} {address}"
    network = f"{kind} {to_wide_network(address)}"
    return [
        *(each for subject in subjects for each in _build_counters(NAME_ADDRESS_LIMITS, subject, narrow)),
        *(each for subject in subjects for each in _build_counters(NAME_ADDRESS_DAY_LIMITS, subject, narrow)),
        *(each for subject in subjects for each in _build_counters(NAME_NETWORK_LIMITS, subject, network)),
        *_build_counters(ADDRESS_LIMITS, f"address {address}", kind),
        *(each for subject in subjects for each in _build_counters(wide_limits, subject, kind)),
    ]


def _build_counters(limits: Sequence[AttemptLimit], subject: str, partition: str) -> tuple[AttemptCounter, ...]:
    return tuple(AttemptCounter(limit=limit, subject=subject, partition=partition) for limit in limits)


def _to_account_subject(user_id: UUID) -> str:
    return f"account {user_id.hex}"


def _find_account_ids(login: str) -> tuple[UUID, ...]:
    """Return all accounts that a password would be tried with.

    By name these include similar names; by e-mail address they are those that the sign-in finds, which is one if
    somebody has verified it.
    """
    if "\0" in login:
        return ()
    by_name = User.objects.filter(Q(username_key=to_name_key(login)) | Q(username__iexact=login))
    account_ids = {*by_name.values_list("pk", flat=True)}
    if "@" in login:
        account_ids |= {each.pk for each in filter_users_by_email(login, prefer_verified=True)}
    return tuple(sorted(account_ids))


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
    devices = dict([*known.items()][-(MAX_DEVICE_USERS - 1) :]) | {user.pk.hex: device}
    response.set_cookie(
        settings.NETRA_DEVICE_COOKIE,
        signing.dumps(devices, salt=DEVICE_COOKIE_SALT),
        max_age=DEVICE_COOKIE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _read_cookie(request: HttpRequest) -> dict[str, str]:
    try:
        data = signing.loads(
            request.COOKIES.get(settings.NETRA_DEVICE_COOKIE, ""),
            salt=DEVICE_COOKIE_SALT,
            max_age=DEVICE_COOKIE_SECONDS,
        )
    except signing.BadSignature:
        return {}
    return {str(user): str(device) for user, device in data.items()} if isinstance(data, dict) else {}
