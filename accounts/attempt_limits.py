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
from allauth.account.utils import filter_users_by_email
from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.http import HttpRequest

from netra.accounts.devices import devices_of
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
ACCOUNTS = 5
"""Of one address that none of them has proven: a password is tried with each of them, and with more with none."""


@dataclass(frozen=True, slots=True)
class Guess:
    """An attempt that was counted and may be made."""

    counters: tuple[Counter, ...]

    def succeed(self) -> None:
        give_back(self.counters)


def begin_password(request: HttpRequest, login: str, password: str) -> Guess | None:
    """None where no more may be tried; that takes as long as trying would, so that nobody learns which it was."""
    owners = _accounts(login)
    guess = None
    if len(owners) <= ACCOUNTS:
        guess = _begin(request, owners, f"name {name_key(login)}", kind="password", wide=NAME)
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
    return _begin(request, (user.pk,), "", kind="code", wide=CODES)


def use_code(user: User, code: str) -> bool:
    """Whether this code was not used before, in whichever process."""
    once = Limit(name="code used", most=1, seconds=MINUTES)
    return count_attempt([Counter(limit=once, subject=f"code of {user.pk.hex}", by=code)])


def may_mail(address: str, kind: str) -> bool:
    """Whether somebody whom we do not know may make us send one more mail of a kind to an address. Each kind is counted
    apart: what tells that there is an account takes no link to a new password from its owner."""
    return count_attempt(_counters(MAILS, f"mail {address.strip().casefold()}", kind))


def unlock(user: User) -> int:
    """Forget all attempts at an account. Returns how many counters there were."""
    addresses = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)} - {""}
    subjects = (_account(user.pk), *(f"mail {each.strip().casefold()}" for each in addresses))
    return sum(forgive(subject) for subject in subjects)


def forgive_after_reset(*, user: User, **_: Any) -> None:
    """Whoever opened the link in a mail to the owner is the owner: the new password works at once."""
    unlock(user)


def _begin(
    request: HttpRequest, owners: Sequence[UUID], nobody: str, *, kind: str, wide: Sequence[Limit]
) -> Guess | None:
    """`nobody`: what is counted where there is no such account. A device is counted for whose it is and for nobody who
    is tried besides: whoever claims another's address would bring one along."""
    devices = devices_of(request, owners)
    own = [each for user, device in devices.items() for each in _counters(OWN, _account(user), f"{kind} {device}")]
    strange = [_account(each) for each in owners if each not in devices] if owners else [nobody]
    counters = (*own, *(_as_stranger(request, strange, kind, wide) if strange else ()))
    return Guess(counters) if count_attempt(counters) else None


def _as_stranger(request: HttpRequest, subjects: Sequence[str], kind: str, wide: Sequence[Limit]) -> list[Counter]:
    address = client_address(request)
    narrow = f"{kind} {address}"
    network = f"{kind} {wide_network(address)}"
    return [
        *(each for subject in subjects for each in _counters(NAME_ADDRESS, subject, narrow)),
        *(each for subject in subjects for each in _counters(NAME_ADDRESS_DAY, subject, narrow)),
        *(each for subject in subjects for each in _counters(NAME_NETWORK, subject, network)),
        *_counters(ADDRESS, f"address {address}", kind),
        *(each for subject in subjects for each in _counters(wide, subject, kind)),
    ]


def _counters(limits: Sequence[Limit], subject: str, by: str) -> tuple[Counter, ...]:
    return tuple(Counter(limit=limit, subject=subject, by=by) for limit in limits)


def _account(user_id: UUID) -> str:
    return f"account {user_id.hex}"


def _accounts(login: str) -> tuple[UUID, ...]:
    """All that a password would be tried with: by name or a likeness of it, and by address exactly those that the
    sign-in finds, which is one where somebody has proven that it is theirs."""
    if "\0" in login:
        return ()
    named = User.objects.filter(Q(username_key=name_key(login)) | Q(username__iexact=login))
    found = {*named.values_list("pk", flat=True)}
    if "@" in login:
        found |= {each.pk for each in filter_users_by_email(login, prefer_verified=True)}
    return tuple(sorted(found))
