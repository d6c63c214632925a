"""A user's API tokens: named, stored as hashes, shown once, over at a date."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from knox.models import AuthToken
from knox.settings import CONSTANTS

from netra.accounts.models import TokenName
from netra.core.exceptions import BadInput, Conflict, NotFound
from netra.core.models import User
from netra.core.names import is_visible, name_key
from netra.language.text import counted, text

DAYS = 90
MOST_DAYS = 365
MOST_TOKENS = 20
MOST_CHARS = 60  # of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """The only moment at which a token can be read."""

    token: str = field(repr=False)
    key: str
    name: str
    expiry: datetime


def tokens_of(user: User) -> QuerySet[AuthToken]:
    """Those that still open the door, newest first, each with its `name` (None where it was made before there were)."""
    alive = Q(expiry__gt=timezone.now()) | Q(expiry=None)
    named = AuthToken.objects.annotate(name=F("label__name"))
    found: QuerySet[AuthToken] = named.filter(alive, user=user).order_by("-created")
    return found


def create(user: User, *, name: str, days: int = DAYS, limited: bool = True) -> NewToken:
    """Make one. Raises BadInput for a name that cannot be, Conflict where it is taken, or, where that is `limited`, the
    user has as many as one may have."""
    name = " ".join(name.split())
    if not name or len(name) > MOST_CHARS or not is_visible(name):
        raise BadInput(text("A token's name has 1 to {n} visible characters.", n=MOST_CHARS))
    with transaction.atomic():
        # The user's row is what two requests at once wait for each other at.
        User.objects.select_for_update().get(pk=user.pk)
        if limited and tokens_of(user).count() >= MOST_TOKENS:
            raise Conflict(
                counted(
                    "You have {n} token, which is the most: revoke it first.",
                    "You have {n} tokens, which is the most: revoke one first.",
                    n=MOST_TOKENS,
                )
            )
        AuthToken.objects.filter(user=user, expiry__lte=timezone.now()).delete()  # with their names
        if TokenName.objects.filter(user=user, key=name_key(name)).exists():
            raise Conflict(text("You already have a token with this name. Choose another name."))
        row, token = AuthToken.objects.create(user=user, expiry=timedelta(days=days))
        TokenName.objects.create(token=row, user=user, name=name, key=name_key(name))
    return NewToken(token=token, key=row.token_key, name=name, expiry=row.expiry)


def revoke(user: User, key: str) -> None:
    """End one. Raises NotFound for what is not this user's."""
    found = len(key) == CONSTANTS.TOKEN_KEY_LENGTH and AuthToken.objects.filter(user=user, token_key=key).delete()[0]
    if not found:
        raise NotFound(text("There is no such token among yours."))


def revoke_all(user: User) -> int:
    """End all of them. Returns how many there were."""
    rows = AuthToken.objects.filter(user=user)
    count: int = rows.count()
    rows.delete()
    return count
