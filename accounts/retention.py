"""Expired sessions, API tokens, attempt counters and sign-in links, which can be pruned."""

from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from knox.models import AuthToken

from accounts.models import SignInLink
from core.attempts import EXPIRED_BATCH, delete_expired_counters
from core.i18n.text import text
from core.models import AttemptCount
from core.retention import Garbage


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredSessions:
    """Sessions that expired before `now` (aware, UTC), with their addresses and browsers."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(self._select_expired().count())

    def remove(self) -> Garbage:
        removed, _ = self._select_expired().delete()
        # Created after its session, so one without a session belonged to one that has ended.
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        return self._to_garbage(removed)

    def _select_expired(self) -> QuerySet[Session]:
        return Session.objects.filter(expire_date__lt=self.now)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired sessions"), count=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredTokens:
    """API tokens that expired before `now` (aware, UTC)."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(self._select_expired().count())

    def remove(self) -> Garbage:
        return self._to_garbage(self._select_expired().delete()[0])

    def _select_expired(self) -> "QuerySet[AuthToken]":
        expired: QuerySet[AuthToken] = AuthToken.objects.filter(expiry__lt=self.now)
        return expired

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired API tokens"), count=count)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredAttempts:
    """Counters of attempts and one-time links that expired before `now` (aware, UTC)."""

    now: datetime

    def find(self) -> Garbage:
        return self._to_garbage(self._select_counters().count() + self._select_links().count())

    def remove(self) -> Garbage:
        removed = self._select_links().delete()[0]
        while count := delete_expired_counters(int(self.now.timestamp()), EXPIRED_BATCH):
            removed += count
        return self._to_garbage(removed)

    def _select_counters(self) -> QuerySet[AttemptCount]:
        return AttemptCount.objects.filter(expires__lte=int(self.now.timestamp()))

    def _select_links(self) -> QuerySet[SignInLink]:
        return SignInLink.objects.filter(expires__lte=self.now)

    def _to_garbage(self, count: int) -> Garbage:
        return Garbage(what=text("expired attempt counters"), count=count)
