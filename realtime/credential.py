"""By what somebody came in, so that it can be looked at again while the socket is open. Never in a context, a log or a
frame."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.contrib.sessions.models import Session
from django.db.models import Q
from knox.models import AuthToken

from netra.core.authority import stamps


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """`key` is the session's, or the token's digest; `stamp` that of the user's password when they came in."""

    user_id: UUID
    kind: Literal["session", "token"]
    key: str
    stamp: str

    def __repr__(self) -> str:
        return f"Credential({self.kind} of {self.user_id})"


MOST = 5_000  # in one query


def withdrawn(credentials: Iterable[Credential]) -> set[Credential]:
    """Those that hold no more: signed out, expired, or their user deactivated, deleted or with another password.

    Three queries, whoever they are and however their authority was changed.
    """
    asked = list(dict.fromkeys(credentials))
    bad: set[Credential] = set()
    for start in range(0, len(asked), MOST):
        some = asked[start : start + MOST]
        users = stamps({each.user_id for each in some})
        sessions, tokens = _sessions(_keys(some, "session")), _tokens(_keys(some, "token"))
        for each in some:
            valid = sessions if each.kind == "session" else tokens
            if users.get(each.user_id) != each.stamp or each.key not in valid:
                bad.add(each)
    return bad


def _keys(credentials: Iterable[Credential], kind: str) -> set[str]:
    return {each.key for each in credentials if each.kind == kind}


def _sessions(keys: set[str]) -> set[str]:
    if not keys:
        return set()
    valid = Session.objects.filter(session_key__in=keys, expire_date__gt=datetime.now(UTC))
    return set(valid.values_list("session_key", flat=True))


def _tokens(digests: set[str]) -> set[str]:
    if not digests:
        return set()
    unexpired = Q(expiry__isnull=True) | Q(expiry__gt=datetime.now(UTC))
    return set(AuthToken.objects.filter(unexpired, digest__in=digests).values_list("digest", flat=True))
