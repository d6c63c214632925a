"""Sessions in the database, the SESSION_ENGINE of pages, REST and the websocket handshake; the signed-in user of a
request, recent re-authentication, and ending a user's sessions."""

import re
import time
from collections.abc import Iterator
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, get_reauthentication_flows
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.tokens import revoke_all_tokens
from core.exceptions import InvalidContext
from core.i18n.text import text
from core.models import User

SIGN_IN_AGAIN = text(
    "You need to have signed in within the last five minutes. Sign out, sign in with your company account and retry."
)
PAGE_SIZE = 500

SESSION_KEY = re.compile(r"[0-9a-z]{32}")


class SessionStore(db.SessionStore):
    """Django's store, without looking up keys of another shape, some of which PostgreSQL refuses with an error."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and SESSION_KEY.fullmatch(key) is not None


def get_signed_in_user(request: HttpRequest | Request) -> User:
    """Return the user of a request. Raises InvalidContext if nobody is signed in."""
    if not isinstance(request.user, User):
        raise InvalidContext("a request without a signed-in user")
    return request.user


def can_reauthenticate(user: User) -> bool:
    """Whether the user has a password or a second factor; otherwise only a company's sign-in."""
    return bool(get_reauthentication_flows(user))


def is_recently_authenticated(request: HttpRequest, user: User) -> bool:
    """Whether the user has recently re-authenticated or, without a password or second factor, signed in."""
    if can_reauthenticate(user):
        return bool(did_recently_reauthenticate(request))
    records = get_authentication_records(request, user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Any) -> None:
        """Revoke API tokens too when the user signs out everywhere else."""
        super().end_sessions(sessions)
        if isinstance(self.request.user, User):
            revoke_all_tokens(self.request.user)


def end_sessions(user: User) -> int:
    """End all sessions of the user, including sign-ins in progress. Return how many there were."""
    session_keys = {
        session.session_key
        for session in _iter_sessions()
        if _contains_identifier(session.get_decoded(), _list_identifiers(user))
    }
    session_keys |= set(UserSession.objects.filter(user_id=user.pk).values_list("session_key", flat=True))
    keys = sorted(session_keys)
    removed = sum(
        Session.objects.filter(session_key__in=keys[start : start + PAGE_SIZE]).delete()[0]
        for start in range(0, len(keys), PAGE_SIZE)
    )
    UserSession.objects.filter(user_id=user.pk).delete()
    return removed


def _iter_sessions() -> Iterator[Session]:
    last_key = ""
    while page := list(Session.objects.filter(session_key__gt=last_key).order_by("session_key")[:PAGE_SIZE]):
        yield from page
        last_key = page[-1].session_key


def _list_identifiers(user: User) -> frozenset[str]:
    return frozenset({str(user.pk), user.pk.hex, user.username, user.email.casefold()} - {""})


def _contains_identifier(value: Any, identifiers: frozenset[str]) -> bool:
    """Whether one of the identifiers is a value anywhere in a session."""
    if isinstance(value, dict):
        return any(_contains_identifier(each, identifiers) for each in value.values())
    if isinstance(value, list):
        return any(_contains_identifier(each, identifiers) for each in value)
    return isinstance(value, str) and (value in identifiers or value.casefold() in identifiers)
