"""A user's API tokens: stored as hashes, shown once, over at a date."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from knox.models import AuthToken
from knox.settings import CONSTANTS

from netra.core.exceptions import Conflict, NotFound
from netra.core.models import User
from netra.language.text import counted, text

DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """The only moment at which a token can be read."""

    token: str = field(repr=False)
    key: str
    expiry: datetime


def tokens_of(user: User) -> QuerySet[AuthToken]:
    """Those that still open the door, newest first."""
    alive = Q(expiry__gt=timezone.now()) | Q(expiry=None)
    found: QuerySet[AuthToken] = AuthToken.objects.filter(alive, user=user).order_by("-created")
    return found


def create(user: User, *, days: int = DAYS) -> NewToken:
    """Make one. Raises Conflict where the user has as many as one may have."""
    with transaction.atomic():
        # The user's row is what two requests at once wait for each other at.
        User.objects.select_for_update().get(pk=user.pk)
        if tokens_of(user).count() >= MOST_TOKENS:
            raise Conflict(
                counted(
                    "You have {n} token, which is the most: revoke it first.",
                    "You have {n} tokens, which is the most: revoke one first.",
                    n=MOST_TOKENS,
                )
            )
        row, token = AuthToken.objects.create(user=user, expiry=timedelta(days=days))
    return NewToken(token=token, key=row.token_key, expiry=row.expiry)


def revoke(user: User, key: str) -> None:
    """End one. Raises NotFound for what is not this user's."""
    found = len(key) == CONSTANTS.TOKEN_KEY_LENGTH and AuthToken.objects.filter(user=user, token_key=key).delete()[0]
    if not found:
        raise NotFound(text("There is no such token among yours."))
