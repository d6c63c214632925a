"""Limits on attempts at passwords and codes, and on requested mails: enough for people who forget, too few to guess.

Attempts from a known device, and of a signed-in user, have counters of their own, which no stranger can use up.
docs/security.md describes what the limits amount to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

from accounts.devices import find_devices
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
"""Of one address that none of them has proven: a password is tried with each of them, and with more with none."""


@dataclass(frozen=True, slots=True)
class CountedAttempt:
    """An attempt that was counted and may be made."""

    counters: tuple[AttemptCounter, ...]

    def succeed(self) -> None:
        refund_attempt(self.counters)


def count_password_attempt(request: HttpRequest, login: str, password: str) -> CountedAttempt | None:
    """None where no more may be tried; that takes as long as trying would, so that nobody learns which it was."""
    owners = _find_account_ids(login)
    guess = None
    if len(owners) <= MAX_ACCOUNTS:
        guess = _count_sign_in_attempt(request, owners, f"name {to_name_key(login)}", kind="password", wide=NAME_LIMITS)
    if guess is None:
        make_password(password)
    return guess


def count_reauthentication_attempt(request: HttpRequest, user: User) -> CountedAttempt | None:
    """The password or code once more, of who is signed in."""
    counters = _build_counters(OWN_DEVICE_LIMITS, _to_account_subject(user.pk), "signed in")
    return CountedAttempt(counters) if count_attempt(counters) else None


def count_code_attempt(request: HttpRequest, user: User) -> CountedAttempt | None:
    """A second factor's code. Who comes here has the password, and may be a thief: counted apart from passwords."""
    if request.user.is_authenticated and request.user.pk == user.pk:
        return count_reauthentication_attempt(request, user)
    return _count_sign_in_attempt(request, (user.pk,), "", kind="code", wide=CODE_LIMITS)


def consume_code(user: User, code: str) -> bool:
    """Whether this code was not used before, in whichever process."""
    once = AttemptLimit(name="code used", max_attempts=1, seconds=FIVE_MINUTES)
    return count_attempt([AttemptCounter(limit=once, subject=f"code of {user.pk.hex}", partition=code)])


def count_mail(address: str, kind: str) -> bool:
    """Whether somebody whom we do not know may make us send one more mail of a kind to an address. Each kind is counted
    apart: what tells that there is an account takes no link to a new password from its owner."""
    return count_attempt(_build_counters(MAIL_LIMITS, f"mail {address.strip().casefold()}", kind))


def unlock_account(user: User) -> int:
    """Forget all attempts at an account. Returns how many counters there were."""
    addresses = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)} - {""}
    subjects = (_to_account_subject(user.pk), *(f"mail {each.strip().casefold()}" for each in addresses))
    return sum(reset_attempts(subject) for subject in subjects)


def unlock_after_reset(*, user: User, **_: Any) -> None:
    """Whoever opened the link in a mail to the owner is the owner: the new password works at once."""
    unlock_account(user)


def _count_sign_in_attempt(
    request: HttpRequest, owners: Sequence[UUID], nobody: str, *, kind: str, wide: Sequence[AttemptLimit]
) -> CountedAttempt | None:
    """`nobody`: what is counted where there is no such account. A device is counted for whose it is and for nobody who
    is tried besides: whoever claims another's address would bring one along."""
    devices = find_devices(request, owners)
    own = [
        each
        for user, device in devices.items()
        for each in _build_counters(OWN_DEVICE_LIMITS, _to_account_subject(user), f"{kind} {device}")
    ]
    strange = [_to_account_subject(each) for each in owners if each not in devices] if owners else [nobody]
    counters = (*own, *(_build_stranger_counters(request, strange, kind, wide) if strange else ()))
    return CountedAttempt(counters) if count_attempt(counters) else None


def _build_stranger_counters(
    request: HttpRequest, subjects: Sequence[str], kind: str, wide: Sequence[AttemptLimit]
) -> list[AttemptCounter]:
    address = get_client_network(request)
    narrow = f"{kind} {address}"
    network = f"{kind} {to_wide_network(address)}"
    return [
        *(each for subject in subjects for each in _build_counters(NAME_ADDRESS_LIMITS, subject, narrow)),
        *(each for subject in subjects for each in _build_counters(NAME_ADDRESS_DAY_LIMITS, subject, narrow)),
        *(each for subject in subjects for each in _build_counters(NAME_NETWORK_LIMITS, subject, network)),
        *_build_counters(ADDRESS_LIMITS, f"address {address}", kind),
        *(each for subject in subjects for each in _build_counters(wide, subject, kind)),
    ]


def _build_counters(limits: Sequence[AttemptLimit], subject: str, by: str) -> tuple[AttemptCounter, ...]:
    return tuple(AttemptCounter(limit=limit, subject=subject, partition=by) for limit in limits)


def _to_account_subject(user_id: UUID) -> str:
    return f"account {user_id.hex}"


def _find_account_ids(login: str) -> tuple[UUID, ...]:
    """All that a password would be tried with: by name or a likeness of it, and by address exactly those that the
    sign-in finds, which is one where somebody has proven that it is theirs."""
    if "\0" in login:
        return ()
    named = User.objects.filter(Q(username_key=to_name_key(login)) | Q(username__iexact=login))
    found = {*named.values_list("pk", flat=True)}
    if "@" in login:
        found |= {each.pk for each in filter_users_by_email(login, prefer_verified=True)}
    return tuple(sorted(found))
