"""The signed-in user of a request, recent re-authentication, and ending a user's sessions."""

import time
from collections.abc import Iterator
from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate, get_reauthentication_flows
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.tokens import revoke_all_tokens
from core.exceptions import InvalidContext
from core.i18n.text import text
from core.models import User


def get_signed_in_user(request: HttpRequest | Request) -> User:
    """The user of a request that only somebody who signed in can make."""
    if not isinstance(request.user, User):
        raise InvalidContext("a request that nobody signed in for")
    return request.user


SIGN_IN_AGAIN = text("Sign out, sign in again with your company's sign-in, and do it within five minutes.")


def can_reauthenticate(user: User) -> bool:
    """Whether there is a password or a second factor to ask for; otherwise a company's sign-in is all there is."""
    return bool(get_reauthentication_flows(user))


def is_recently_authenticated(request: HttpRequest, user: User) -> bool:
    """By the password or a second factor, again after the sign-in; who has neither must have signed in just now."""
    if can_reauthenticate(user):
        return bool(did_recently_reauthenticate(request))
    records = get_authentication_records(request, user)
    return bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT


PAGE_SIZE = 500


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Any) -> None:
        """Who signs out everywhere else ends what programs come in by, too."""
        super().end_sessions(sessions)
        if isinstance(self.request.user, User):
            revoke_all_tokens(self.request.user)


def end_sessions(user: User) -> int:
    """End every session of the user's, and half-made ones that name them. Returns how many there were."""
    ended = {
        session.session_key
        for session in _iter_sessions()
        if _contains_identifier(session.get_decoded(), _list_identifiers(user))
    }
    ended |= set(UserSession.objects.filter(user_id=user.pk).values_list("session_key", flat=True))
    keys = sorted(ended)
    removed = sum(
        Session.objects.filter(session_key__in=keys[start : start + PAGE_SIZE]).delete()[0]
        for start in range(0, len(keys), PAGE_SIZE)
    )
    UserSession.objects.filter(user_id=user.pk).delete()
    return removed


def _iter_sessions() -> Iterator[Session]:
    last = ""
    while page := list(Session.objects.filter(session_key__gt=last).order_by("session_key")[:PAGE_SIZE]):
        yield from page
        last = page[-1].session_key


def _list_identifiers(user: User) -> frozenset[str]:
    return frozenset({str(user.pk), user.pk.hex, user.username, user.email.casefold()} - {""})


def _contains_identifier(value: Any, marks: frozenset[str]) -> bool:
    """Whether one of the marks is a value somewhere in a session."""
    if isinstance(value, dict):
        return any(_contains_identifier(each, marks) for each in value.values())
    if isinstance(value, list):
        return any(_contains_identifier(each, marks) for each in value)
    return isinstance(value, str) and (value in marks or value.casefold() in marks)
