"""Users by name or id, names that are still free, and whether a user's credentials are still current.

Credentials are read from the database each time, so a change takes effect however it was made."""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from core.exceptions import BadInput, NotFound
from core.i18n.text import text
from core.models import KEY_SEPARATOR, NAME_TAKEN, User
from core.username_rules import check_shape, parse_id, to_name_key

MAX_LISTED = 5


def find_user(reference: str, *, active: bool = False) -> User:
    """By id, or by name. What can be read as an id is one, so nobody stands in another's place by what they are called.

    `active`: only who may sign in. Raises NotFound, and BadInput where several have names that look like this one.
    """
    users = User.objects.filter(is_active=True) if active else User.objects.all()
    key = parse_id(reference)
    found = users.filter(pk=key).first() if key is not None else _find_by_name(users, reference)
    if found is None:
        named = repr(reference[:150])
        if active:
            raise NotFound(text("There is no active user {name} in this installation.", name=named))
        raise NotFound(text("There is no user {name} in this installation.", name=named))
    return found


def check_name(name: str, *, email: str = "", but: UUID | None = None) -> None:
    """Raises BadInput for a name that a user may not take. `but`: whose name it is to be, if they are there already."""
    check_shape(name, email=email)
    key = to_name_key(name)
    others = User.objects.all() if but is None else User.objects.exclude(pk=but)
    if any(to_name_key(each) == key for each in Group.objects.values_list("name", flat=True)):
        raise BadInput(text("A group has this name. Choose another user name."))
    if _filter_similar(others, name).exists():
        raise BadInput(NAME_TAKEN)
    if "@" in name and (
        others.filter(email__iexact=name).exists()
        or EmailAddress.objects.filter(email__iexact=name).exclude(user_id=but).exists()
    ):
        raise BadInput(text("This is another user's e-mail address. Choose another user name."))


def find_free_name(wanted: Iterable[str]) -> str:
    """The first of the wanted names that may be taken, or one like it with a number, or one that says nothing."""
    for name in wanted:
        for candidate in (name, *(f"{name[:140]}-{number}" for number in range(2, 6))):
            try:
                check_name(candidate)
            except BadInput:
                continue
            return candidate
    return f"member-{secrets.token_hex(6)}"


def _find_by_name(users: "QuerySet[User]", name: str) -> User | None:
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in name):
        return None  # what no database can hold
    found = users.filter(username=name).first()
    if found is None:
        return None
    alike = list(_filter_similar(User.objects.all(), name).order_by("date_joined", "pk")[: MAX_LISTED + 1])
    if len(alike) > 1:
        ids = ", ".join(str(each.pk) for each in alike[:MAX_LISTED])
        raise BadInput(
            text("Several users have names that look like {name}. Use an id: {ids}.", name=repr(name[:150]), ids=ids)
        )
    return found


def _filter_similar(users: "QuerySet[User]", name: str) -> "QuerySet[User]":
    key = to_name_key(name)
    return users.filter(Q(username_key=key) | Q(username_key__startswith=key + KEY_SEPARATOR))


def credential_fingerprint(password: str) -> str:
    """A mark of the stored password (which is itself a hash): it changes when that does, and tells nothing of it."""
    return sha256(password.encode()).hexdigest()[:32]


def is_fingerprint_current(given: str, now: str | None) -> bool:
    """Whether what was given under one mark still holds under the one of now (None: not there, or not active).

    Without a mark it was given by a version that made none.
    """
    return now is not None and given in ("", now)


def load_fingerprints(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The marks of those users who are there and active."""
    active = User.objects.filter(id__in=list(user_ids), is_active=True)
    return {user_id: credential_fingerprint(password) for user_id, password in active.values_list("id", "password")}


def lock_fingerprint(user_id: UUID) -> str | None:
    """One user's mark, None for who is not there and active. What asks for it is done for them one at a time, until the
    end of its transaction, whichever process does it; on SQLite that has begun with the only writer's lock."""
    active = User.objects.select_for_update(no_key=True).filter(id=user_id, is_active=True)
    password: str | None = active.values_list("password", flat=True).first()
    return None if password is None else credential_fingerprint(password)
