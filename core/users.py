"""Users by name or id, names that are still free, and whether a user's credentials are still current.

Credentials are read from the database each time, so a change takes effect however it was made."""

import re
import secrets
from collections.abc import Iterable
from hashlib import sha256
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Q, QuerySet

from core.db import to_uuid, to_uuid_param
from core.exceptions import BadInput, NotFound
from core.i18n.text import text
from core.models import KEY_SEPARATOR, NAME_TAKEN, User
from core.username_rules import check_shape, parse_id, to_name_key

MAX_LISTED = 5


def find_user(reference: str, *, active: bool = False) -> User:
    """Return a user by id or name. A reference that can be read as an id is one, so no name can stand for another user.

    With `active`, only users who may sign in. Raises NotFound, and BadInput if several names look like this one.
    """
    users = User.objects.filter(is_active=True) if active else User.objects.all()
    key = parse_id(reference)
    user = users.filter(pk=key).first() if key is not None else _find_by_name(users, reference)
    if user is None:
        name = repr(reference[:150])
        if active:
            raise NotFound(text("No active user {name} found.", name=name))
        raise NotFound(text("User {name} not found.", name=name))
    return user


def check_name(name: str, *, email: str = "", exclude_id: UUID | None = None) -> None:
    """Raise BadInput for a name that a user may not take. `exclude_id` is the user themselves, if they exist."""
    check_shape(name, email=email)
    key = to_name_key(name)
    others = User.objects.all() if exclude_id is None else User.objects.exclude(pk=exclude_id)
    if any(to_name_key(group) == key for group in Group.objects.values_list("name", flat=True)):
        raise BadInput(text("A group has this name. Choose another user name."))
    if _filter_similar(others, name).exists():
        raise BadInput(NAME_TAKEN)
    if "@" in name and (
        others.filter(email__iexact=name).exists()
        or EmailAddress.objects.filter(email__iexact=name).exclude(user_id=exclude_id).exists()
    ):
        raise BadInput(text("This is another user's e-mail address. Choose another user name."))


def find_free_name(wanted: Iterable[str]) -> str:
    """Return the first wanted name that is free, if need be with a number, or else a random name."""
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
        return None  # no database can store it
    user = users.filter(username=name).first()
    if user is None:
        return None
    similar = list(_filter_similar(User.objects.all(), name).order_by("date_joined", "pk")[: MAX_LISTED + 1])
    if len(similar) > 1:
        ids = ", ".join(str(other.pk) for other in similar[:MAX_LISTED])
        raise BadInput(
            text("Several users have names that look like {name}. Use an id: {ids}.", name=repr(name[:150]), ids=ids)
        )
    return user


def _filter_similar(users: "QuerySet[User]", name: str) -> "QuerySet[User]":
    key = to_name_key(name)
    return users.filter(Q(username_key=key) | Q(username_key__startswith=key + KEY_SEPARATOR))


ERASED_NAME = "(somebody who is gone)"
"""Stands for a user who was erased, in texts that others wrote."""


def list_identifiers(user: User) -> list[str]:
    """Return what a text may name a user by: their id, in two spellings, their name and their address."""
    return [str(user.pk), user.pk.hex, user.username, *([user.email] if user.email else [])]


def compile_mentions(user: User) -> re.Pattern[str]:
    """Return a pattern for a user's identifiers as whole words: "any" does not mention a user with the name "an"."""
    words = "|".join(rf"(?<![\w.@+-]){re.escape(identifier)}(?![\w@+-])" for identifier in list_identifiers(user))
    return re.compile(words, re.IGNORECASE)


def credential_fingerprint(password: str) -> str:
    """Return a digest of the stored password (itself a hash): it changes with the password and discloses nothing."""
    return sha256(password.encode()).hexdigest()[:32]


def is_fingerprint_current(stored: str, current: str | None) -> bool:
    """Whether what was stored with a fingerprint is still valid; `current` is None if the user is gone or inactive.

    "" was stored by versions without fingerprints, and is valid.
    """
    return current is not None and stored in ("", current)


def load_fingerprints(user_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the fingerprints of those users who exist and are active."""
    ids = [to_uuid_param(user_id) for user_id in user_ids]
    if not ids:
        return {}
    with connection.cursor() as cursor:  # plain SQL, as it is executed for each run that begins
        places = ", ".join(["%s"] * len(ids))
        cursor.execute(f"SELECT id, password FROM {User._meta.db_table} WHERE is_active AND id IN ({places})", ids)
        return {to_uuid(user_id): credential_fingerprint(password) for user_id, password in cursor.fetchall()}


def lock_fingerprint(user_id: UUID) -> str | None:
    """Lock a user until the transaction ends and return their fingerprint; None if they are gone or inactive.

    So the callers' transactions for one user run one at a time, in whichever process; on SQLite a transaction has the
    only writer's lock from its beginning.
    """
    lock = "FOR NO KEY UPDATE" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:  # plain SQL, as it is executed for each question
        cursor.execute(
            f"SELECT password FROM {User._meta.db_table} WHERE id = %s AND is_active {lock}", [to_uuid_param(user_id)]
        )
        row = cursor.fetchone()
    return None if row is None else credential_fingerprint(row[0])
