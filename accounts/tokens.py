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
MAX_NAME_CHARS = 60  # of a name


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """The only moment at which a token can be read."""

    token: str = field(repr=False)
    key: str
    name: str
    expiry: datetime


def list_tokens(user: User) -> QuerySet[AuthToken]:
    """Those that still open the door, newest first, each with its `name` (None where it was made before there were)."""
    alive = Q(expiry__gt=timezone.now()) | Q(expiry=None)
    named = AuthToken.objects.annotate(name=F("label__name"))
    found: QuerySet[AuthToken] = named.filter(alive, user=user).order_by("-created")
    return found


def create_token(user: User, *, name: str, days: int = DEFAULT_DAYS, limited: bool = True) -> NewToken:
    """Make one. Raises BadInput for a name that cannot be, Conflict where it is taken, or, where that is `limited`, the
    user has as many as one may have."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME_CHARS or not is_visible(name):
        raise BadInput(text("A token's name has 1 to {n} visible characters.", n=MAX_NAME_CHARS))
    with transaction.atomic():
        # The user's row is what two requests at once wait for each other at.
        User.objects.select_for_update().get(pk=user.pk)
        if limited and list_tokens(user).count() >= MAX_TOKENS:
            raise Conflict(
                plural_text(
                    "You have {n} token, which is the most: revoke it first.",
                    "You have {n} tokens, which is the most: revoke one first.",
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
    """End one. Raises NotFound for what is not this user's."""
    found = len(key) == CONSTANTS.TOKEN_KEY_LENGTH and AuthToken.objects.filter(user=user, token_key=key).delete()[0]
    if not found:
        raise NotFound(text("There is no such token among yours."))


def revoke_all_tokens(user: User) -> int:
    """End all of them. Returns how many there were."""
    rows = AuthToken.objects.filter(user=user)
    count: int = rows.count()
    rows.delete()
    return count
