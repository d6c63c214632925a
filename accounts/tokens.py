"""A user's API tokens: named, stored as hashes, shown once, with an expiry date."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from knox.models import AuthToken
from knox.settings import CONSTANTS

from accounts.models import TokenName
from core.exceptions import BadInput, Conflict, NotFound
from core.i18n.text import plural_text, text
from core.models import User
from core.username_rules import is_visible, to_name_key

DEFAULT_DAYS = 90
MAX_DAYS = 365
MAX_TOKENS = 20
MAX_NAME_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token that was just created. It cannot be read again later."""

    token: str = field(repr=False)
    key: str
    name: str
    expiry: datetime


def list_tokens(user: User) -> QuerySet[AuthToken]:
    """Return the valid tokens, newest first, each with its `name` (None for tokens older than names)."""
    valid = Q(expiry__gt=timezone.now()) | Q(expiry=None)
    with_names = AuthToken.objects.annotate(name=F("label__name"))
    found: QuerySet[AuthToken] = with_names.filter(valid, user=user).order_by("-created")
    return found


def create_token(user: User, *, name: str, days: int = DEFAULT_DAYS, enforce_limit: bool = True) -> NewToken:
    """Create a token.

    Raises BadInput for an invalid name, and Conflict for a name in use or, with `enforce_limit`, too many tokens.
    """
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_CHARS or not is_visible(name):
        raise BadInput(text("A token name must have 1 to {n} visible characters.", n=MAX_NAME_CHARS))
    with transaction.atomic():
        # Serializes concurrent requests of one user.
        User.objects.select_for_update().get(pk=user.pk)
        if enforce_limit and list_tokens(user).count() >= MAX_TOKENS:
            raise Conflict(
                plural_text(
                    "You've reached the limit of {n} token. Revoke it first.",
                    "You've reached the limit of {n} tokens. Revoke one first.",
                    n=MAX_TOKENS,
                )
            )
        AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()  # with their names
        if TokenName.objects.filter(user=user, key=to_name_key(name)).exists():
            raise Conflict(text("You already have a token with this name. Choose another name."))
        row, token = AuthToken.objects.create(user=user, expiry=timedelta(days=days))
        TokenName.objects.create(token=row, user=user, name=name, key=to_name_key(name))
    return NewToken(token=token, key=row.token_key, name=name, expiry=row.expiry)


def revoke_token(user: User, key: str) -> None:
    """Revoke a token by its key. Raises NotFound if the user has none with this key."""
    found = len(key) == CONSTANTS.TOKEN_KEY_LENGTH and AuthToken.objects.filter(user=user, token_key=key).delete()[0]
    if not found:
        raise NotFound(text("Token not found."))


def revoke_all_tokens(user: User) -> int:
    """Revoke all tokens of the user. Return how many there were."""
    rows = AuthToken.objects.filter(user=user)
    count: int = rows.count()
    rows.delete()
    return count
