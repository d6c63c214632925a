"""Links that sign somebody in once: made on the machine itself, where no stranger's attempts count."""

import logging
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from netra.accounts.models import SignInLink
from netra.core.models import User
from netra.language.text import counted

log = logging.getLogger(__name__)

BYTES = 32


def create_link(user: User, *, now: datetime, minutes: int) -> str:
    """The secret of a new link, shown once. Links of the user's that were made before open nothing any more."""
    secret = secrets.token_urlsafe(BYTES)
    with transaction.atomic():
        SignInLink.objects.filter(user=user).delete()
        SignInLink.objects.create(digest=_digest(secret), user=user, expires=now + timedelta(minutes=minutes))
        valid = counted("{n} minute", "{n} minutes", n=minutes)
        _record(user, f"A one-time sign-in link was made on the machine, for {valid}.")
    return secret


def owner_of(secret: str, *, now: datetime) -> User | None:
    """Whose link it is, while it can be used."""
    links = SignInLink.objects.filter(digest=_digest(secret), expires__gt=now, user__is_active=True)
    link = links.select_related("user").first()
    return None if link is None else link.user


def use_link(secret: str, *, now: datetime) -> User | None:
    """Whom it signs in; of two who use it at once, one."""
    user = owner_of(secret, now=now)
    with transaction.atomic():
        used, _ = SignInLink.objects.filter(digest=_digest(secret), expires__gt=now).delete()
        if user is None or not used:
            return None
        _record(user, "A one-time sign-in link was used.")
    return user


def _digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _record(user: User, what: str) -> None:
    """In the admin's log, where whoever looks at the account finds it."""
    log.warning("%s User %s.", what, user.pk)
    LogEntry.objects.create(
        user_id=user.pk,
        content_type_id=ContentType.objects.get_for_model(User).pk,
        object_id=str(user.pk),
        object_repr=user.username[:200],
        action_flag=CHANGE,
        change_message=what,
    )
