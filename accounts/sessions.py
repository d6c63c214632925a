"""Sign-ins that are stored: sessions, of which only their content says whose they are."""

from collections.abc import Iterator
from typing import Any

from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from netra.accounts.tokens import revoke_all
from netra.core.models import User

PAGE = 500


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Any) -> None:
        """Who signs out everywhere else ends what programs come in by, too."""
        super().end_sessions(sessions)
        if isinstance(self.request.user, User):
            revoke_all(self.request.user)


def end_sessions(user: User) -> int:
    """End every session of the user's, and half-made ones that name them. Returns how many there were."""
    ended = {session.session_key for session in _all() if _names(session.get_decoded(), _marks(user))}
    ended |= set(UserSession.objects.filter(user_id=user.pk).values_list("session_key", flat=True))
    keys = sorted(ended)
    removed = sum(
        Session.objects.filter(session_key__in=keys[start : start + PAGE]).delete()[0]
        for start in range(0, len(keys), PAGE)
    )
    UserSession.objects.filter(user_id=user.pk).delete()
    return removed


def _all() -> Iterator[Session]:
    last = ""
    while page := list(Session.objects.filter(session_key__gt=last).order_by("session_key")[:PAGE]):
        yield from page
        last = page[-1].session_key


def _marks(user: User) -> frozenset[str]:
    return frozenset({str(user.pk), user.pk.hex, user.username, user.email.casefold()} - {""})


def _names(value: Any, marks: frozenset[str]) -> bool:
    """Whether one of the marks is a value somewhere in a session."""
    if isinstance(value, dict):
        return any(_names(each, marks) for each in value.values())
    if isinstance(value, list):
        return any(_names(each, marks) for each in value)
    return isinstance(value, str) and (value in marks or value.casefold() in marks)
