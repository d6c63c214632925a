"""How often a password or code may be tried, and a mail be asked for: enough for whoever forgets, too little to guess,
and nothing that a stranger could use up for somebody else.

From a device that has signed in before, and for who is signed in, attempts are counted apart: nobody else reaches those
counters. docs/security.md has what it amounts to.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

from netra.accounts.devices import device_of
from netra.core.attempts import Counter, Limit, count_attempt, forgive, give_back
from netra.core.models import User
from netra.core.names import name_key
from netra.core.networks import client_address, wide_network

MINUTES, HOUR, DAY = 300, 3600, 86_400

NAME_ADDRESS = (Limit(name="name and address", most=5, seconds=MINUTES),)
NAME_ADDRESS_DAY = (Limit(name="name and address, day", most=20, seconds=DAY),)
NAME_NETWORK = (Limit(name="name and network, day", most=40, seconds=DAY),)
ADDRESS = (Limit(name="address", most=100, seconds=HOUR), Limit(name="address, day", most=500, seconds=DAY))
NAME = (Limit(name="name, day", most=1_000, seconds=DAY),)
CODES = (Limit(name="codes, day", most=100, seconds=DAY),)
OWN = (Limit(name="own device", most=10, seconds=MINUTES), Limit(name="own device, day", most=50, seconds=DAY))
MAILS = (Limit(name="mails", most=5, seconds=HOUR), Limit(name="mails, day", most=20, seconds=DAY))
ACCOUNTS = 5  # of one address, that a sign-in is counted for


@dataclass(frozen=True, slots=True)
class Guess:
    """An attempt that was counted and may be made."""

    counters: tuple[Counter, ...]

    def succeed(self) -> None:
        give_back(self.counters)


def begin_password(request: HttpRequest, login: str, password: str) -> Guess | None:
    """None where no more may be tried; that takes as long as trying would, so that nobody learns which it was."""
    owners = _accounts(login)
    subjects = tuple(_account(each) for each in owners) or (f"name {name_key(login)}",)
    guess = _begin(request, owners, subjects, kind="password", wide=NAME)
    if guess is None:
        make_password(password)
    return guess


def begin_own(request: HttpRequest, user: User) -> Guess | None:
    """The password or code once more, of who is signed in."""
    counters = _counters(OWN, _account(user.pk), "signed in")
    return Guess(counters) if count_attempt(counters) else None


def begin_code(request: HttpRequest, user: User) -> Guess | None:
    """A second factor's code. Who comes here has the password, and may be a thief: counted apart from passwords."""
    if request.user.is_authenticated and request.user.pk == user.pk:
        return begin_own(request, user)
    return _begin(request, (user.pk,), (_account(user.pk),), kind="code", wide=CODES)


def use_code(user: User, code: str) -> bool:
    """Whether this code was not used before, in whichever process."""
    once = Limit(name="code used", most=1, seconds=MINUTES)
    return count_attempt([Counter(limit=once, subject=f"code of {user.pk.hex}", by=code)])


def may_mail(address: str) -> bool:
    """Whether somebody whom we do not know may make us send one more mail to an address."""
    return count_attempt(_counters(MAILS, f"mail {address.strip().casefold()}", ""))


def unlock(user: User) -> int:
    """Forget all attempts at an account. Returns how many counters there were."""
    addresses = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)} - {""}
    subjects = (_account(user.pk), *(f"mail {each.strip().casefold()}" for each in addresses))
    return sum(forgive(subject) for subject in subjects)


def forgive_after_reset(*, user: User, **_: Any) -> None:
    """Whoever opened the link in a mail to the owner is the owner: the new password works at once."""
    unlock(user)


def _begin(
    request: HttpRequest, owners: Sequence[UUID], subjects: Sequence[str], *, kind: str, wide: Sequence[Limit]
) -> Guess | None:
    device = device_of(request, owners)
    if device is not None:
        counters = tuple(each for subject in subjects for each in _counters(OWN, subject, f"{kind} {device}"))
        return Guess(counters) if count_attempt(counters) else None
    address = client_address(request)
    narrow = f"{kind} {address}"
    counters = (
        *(each for subject in subjects for each in _counters(NAME_ADDRESS, subject, narrow)),
        *(each for subject in subjects for each in _counters(NAME_ADDRESS_DAY, subject, narrow)),
        *(each for subject in subjects for each in _counters(NAME_NETWORK, subject, f"{kind} {wide_network(address)}")),
        *_counters(ADDRESS, f"address {address}", kind),
        *(each for subject in subjects for each in _counters(wide, subject, kind)),
    )
    return Guess(counters) if count_attempt(counters) else None


def _counters(limits: Sequence[Limit], subject: str, by: str) -> tuple[Counter, ...]:
    return tuple(Counter(limit=limit, subject=subject, by=by) for limit in limits)


def _account(user_id: UUID) -> str:
    return f"account {user_id.hex}"


def _accounts(login: str) -> tuple[UUID, ...]:
    """Whom a sign-in could be for, by name or by any address of theirs, however it is written."""
    if "\0" in login:
        return ()
    wanted = Q(username_key=name_key(login)) | Q(username__iexact=login)
    if "@" in login:
        by_address = EmailAddress.objects.filter(email__iexact=login).values("user_id")
        wanted |= Q(email__iexact=login) | Q(pk__in=by_address)
    found: Any = User.objects.filter(wanted).order_by("pk").values_list("pk", flat=True)[:ACCOUNTS]
    return tuple(found)
