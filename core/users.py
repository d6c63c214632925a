"""Whom somebody means, by id or by name, and which names are still to be had."""

import secrets
from collections.abc import Iterable
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db.models import Q, QuerySet

from netra.core.exceptions import BadInput, NotFound
from netra.core.models.user import APART, NAME_TAKEN, User
from netra.core.names import check_shape, name_key, read_id
from netra.language.text import text

MOST_NAMED = 5


def find_user(reference: str, *, active: bool = False) -> User:
    """By id, or by name. What can be read as an id is one, so nobody stands in another's place by what they are called.

    `active`: only who may sign in. Raises NotFound, and BadInput where several have names that look like this one.
    """
    users = User.objects.filter(is_active=True) if active else User.objects.all()
    key = read_id(reference)
    found = users.filter(pk=key).first() if key is not None else _named(users, reference)
    if found is None:
        named = repr(reference[:150])
        if active:
            raise NotFound(text("There is no active user {name} in this installation.", name=named))
        raise NotFound(text("There is no user {name} in this installation.", name=named))
    return found


def check_name(name: str, *, email: str = "", but: UUID | None = None) -> None:
    """Raises BadInput for a name that a user may not take. `but`: whose name it is to be, if they are there already."""
    check_shape(name, email=email)
    key = name_key(name)
    others = User.objects.all() if but is None else User.objects.exclude(pk=but)
    if any(name_key(each) == key for each in Group.objects.values_list("name", flat=True)):
        raise BadInput(text("A group has this name. Choose another user name."))
    if _alike(others, name).exists():
        raise BadInput(NAME_TAKEN)
    if "@" in name and (
        others.filter(email__iexact=name).exists()
        or EmailAddress.objects.filter(email__iexact=name).exclude(user_id=but).exists()
    ):
        raise BadInput(text("This is another user's e-mail address. Choose another user name."))


def free_name(wanted: Iterable[str]) -> str:
    """The first of the wanted names that may be taken, or one like it with a number, or one that says nothing."""
    for name in wanted:
        for candidate in (name, *(f"{name[:140]}-{number}" for number in range(2, 6))):
            try:
                check_name(candidate)
            except BadInput:
                continue
            return candidate
    return f"member-{secrets.token_hex(6)}"


def _named(users: "QuerySet[User]", name: str) -> User | None:
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in name):
        return None  # what no database can hold
    found = users.filter(username=name).first()
    if found is None:
        return None
    alike = list(_alike(User.objects.all(), name).order_by("date_joined", "pk")[: MOST_NAMED + 1])
    if len(alike) > 1:
        ids = ", ".join(str(each.pk) for each in alike[:MOST_NAMED])
        raise BadInput(
            text("Several users have names that look like {name}. Use an id: {ids}.", name=repr(name[:150]), ids=ids)
        )
    return found


def _alike(users: "QuerySet[User]", name: str) -> "QuerySet[User]":
    key = name_key(name)
    return users.filter(Q(username_key=key) | Q(username_key__startswith=key + APART))
