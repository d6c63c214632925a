"""One-time sign-in links, made on the server's machine, where strangers' failed attempts do not count."""

import logging
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.models import SignInLink
from core.i18n.text import plural_text
from core.models import User

log = logging.getLogger(__name__)

SECRET_BYTES = 32


def create_sign_in_link(user: User, *, now: datetime, minutes: int) -> str:
    """Create a link and return its secret, which is shown once. The user's earlier links become invalid."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        SignInLink.objects.filter(user=user).delete()
        SignInLink.objects.create(digest=_hash_secret(secret), user=user, expires=now + timedelta(minutes=minutes))
        duration = plural_text("{n} minute", "{n} minutes", n=minutes)
        _add_log_entry(user, f"A one-time sign-in link was created on the server, valid for {duration}.")
    return secret


def find_link_user(secret: str, *, now: datetime) -> User | None:
    """Return the user of a valid link, or None."""
    links = SignInLink.objects.filter(digest=_hash_secret(secret), expires__gt=now, user__is_active=True)
    link = links.select_related("user").first()
    return None if link is None else link.user


def use_sign_in_link(secret: str, *, now: datetime) -> User | None:
    """Use up a link and return its user, or None. Of two concurrent uses only one succeeds."""
    user = find_link_user(secret, now=now)
    with transaction.atomic():
        used, _ = SignInLink.objects.filter(digest=_hash_secret(secret), expires__gt=now).delete()
        if user is None or not used:
            return None
        _add_log_entry(user, "A one-time sign-in link was used.")
    return user


def _hash_secret(secret: str) -> str:
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _add_log_entry(user: User, message: str) -> None:
    """Log to the server's log and to the admin's log, which the account's page shows."""
    log.warning("%s User %s.", message, user.pk)
    LogEntry.objects.create(
        user_id=user.pk,
        content_type_id=ContentType.objects.get_for_model(User).pk,
        object_id=str(user.pk),
        object_repr=user.username[:200],
        action_flag=CHANGE,
        change_message=message,
    )
